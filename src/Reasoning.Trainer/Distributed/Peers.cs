using System.Runtime.InteropServices;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// Watches the processes of the other ranks of this machine. One that is gone without a word was killed, and the rest would wait for it for
/// ever where mpirun does not end them: the first rank that is left says which, and all end with exit code 1.
/// </summary>
internal sealed partial class Peers
{
    /// <summary>The name that a process gives itself before it ends all with a message of its own.</summary>
    private const string Goodbye = "reasoning-ends";

    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(100);

    /// <summary>How long one that has nothing to say waits to be ended by others.</summary>
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(3);

    private readonly int _rank;
    private readonly (int Rank, string Process)[] _here;
    private volatile bool _isDone;

    /// <param name="rank">Of this process.</param>
    /// <param name="processes">What <see cref="Own"/> is for each rank.</param>
    public Peers(int rank, string[] processes)
    {
        _rank = rank;
        string machine = Environment.MachineName + " ";
        _here =
        [
            .. processes.Index().Where(peer => peer.Item.StartsWith(machine, StringComparison.Ordinal))
                .Select(peer => (peer.Index, peer.Item[machine.Length..])).Where(peer => IsThere(peer.Item2)),
        ];
        // Not a timer: those run where the program computes, and may have to wait.
        new Thread(Watch) { IsBackground = true, Name = "ranks" }.Start();
    }

    /// <summary>Machine and number of this process.</summary>
    public static string Own => $"{Environment.MachineName} {Environment.ProcessId}";

    /// <summary>Lets the others of this machine know that this process ends, and why is said; waits until they have seen it.</summary>
    public static void SayGoodbye()
    {
        if (!OperatingSystem.IsLinux()) return;
        File.WriteAllText("/proc/self/comm", Goodbye);
        Thread.Sleep(5 * s_often);
    }

    /// <summary>All ranks have come to their end.</summary>
    public void Stop() => _isDone = true;

    private static bool IsThere(string process) => State(process) is { } state && !state.Contains(") Z", StringComparison.Ordinal);

    /// <summary>Number, name in brackets and state of a process; null where there is none.</summary>
    private static string? State(string process)
    {
        try
        {
            return RegularFile.ReadLines($"/proc/{process}/stat").FirstOrDefault();
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            return null;
        }
    }

    private void Watch()
    {
        while (!_isDone)
        {
            Thread.Sleep(s_often);
            bool isSaid = Array.Exists(_here, peer => State(peer.Process)?.Contains($"({Goodbye})", StringComparison.Ordinal) == true);
            (int Rank, string Process)[] lost = [.. _here.Where(peer => !IsThere(peer.Process))];
            if (_isDone || (!isSaid && lost.Length == 0)) continue;
            if (!isSaid && _here.Except(lost).Min(peer => peer.Rank) == _rank)
            {
                Console.Error.WriteLine(
                    $"error: rank {lost[0].Rank} (process {lost[0].Process} on {Environment.MachineName}) died, and with it the run; any number of "
                    + "ranks can go on from its last checkpoint with train --resume");
            }

            Thread.Sleep(s_end);
            Exit(1);
        }
    }

    // At once: what else runs in this process waits for ranks that are gone.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
