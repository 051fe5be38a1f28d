using System.Runtime.InteropServices;

namespace Reasoning.Trainer.Cli;

/// <summary>
/// The first request to end (Ctrl-C, Ctrl-\, terminate, a terminal that was closed, and SIGUSR1, which mpirun and batch systems pass on without
/// killing soon afterwards) asks the program to save and leave. The second, of whichever kind, ends it at once by the signal itself, so that a
/// shell sees 128 and the number of the signal.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private static readonly PosixSignal[] s_requests =
    [
        PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT,
        .. OperatingSystem.IsWindows() ? [] : (PosixSignal[])[(PosixSignal)(OperatingSystem.IsMacOS() ? 30 : 10)], // SIGUSR1, by its number there
    ];

    private readonly CancellationTokenSource _source = new();
    private readonly Action _say;
    private readonly PosixSignalRegistration[] _signals;
    private int _asked;

    /// <param name="say">Says that it was heard.</param>
    public Interrupt(Action<string> say)
    {
        _say = () => say("finishing the current operation and saving; press Ctrl-C again to quit now");
        _signals = [.. s_requests.Select(signal => PosixSignalRegistration.Create(signal, Ask))];
    }

    /// <summary>Cancelled when someone asked to stop.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        // The source stays: a signal may be on its way on a thread of its own.
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        if (Interlocked.Exchange(ref _asked, 1) != 0) return; // the default action ends the process
        context.Cancel = true;
        _source.Cancel();
        _say();
    }
}
