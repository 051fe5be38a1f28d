using System.Globalization;
using System.Text;
using Reasoning.Models;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// How this process was started: alone, or by mpirun as one of several ranks. The environment says so; MPI is loaded when a run begins, and
/// never for one rank. Rank 0 speaks for all; another one only when rank 0 does not.
/// </summary>
internal sealed class Launch
{
    /// <summary>How long a rank waits for rank 0, which has mostly met the same, to say what is wrong.</summary>
    private static readonly TimeSpan s_courtesy = TimeSpan.FromSeconds(2);

    private MpiCommunicator? _mpi;
    private Peers? _peers;

    /// <summary>Number of this process, from 0.</summary>
    public int Rank { get; private init; }

    /// <summary>How many there are.</summary>
    public int Count { get; private init; } = 1;

    /// <summary>Whether there are others.</summary>
    public bool IsOneOfSeveral => Count > 1;

    private bool IsForeign { get; init; }

    /// <summary>That of this process.</summary>
    public static Launch OfProcess()
    {
        bool isOpen = Number("OMPI_COMM_WORLD_SIZE") > 0;
        return new Launch
        {
            Rank = Number(isOpen ? "OMPI_COMM_WORLD_RANK" : "PMI_RANK"),
            Count = Math.Max(1, Number(isOpen ? "OMPI_COMM_WORLD_SIZE" : "PMI_SIZE")),
            IsForeign = !isOpen,
        };

        static int Number(string variable) =>
            int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>Meets the other ranks.</summary>
    /// <exception cref="UserErrorException">MPI does not load, or another one started this.</exception>
    public Ranks Start()
    {
        if (!IsOneOfSeveral) return new Ranks();
        if (IsForeign)
        {
            throw new UserErrorException(
                $"another MPI than Open MPI started this as one of {Count} (PMI_SIZE): start it with the mpirun of Open MPI, or alone");
        }

        _mpi = MpiCommunicator.Start();
        var ranks = new Ranks(_mpi);
        _peers = new Peers(Rank, [.. ranks.Gather(Encoding.UTF8.GetBytes(Peers.Own)).Select(Encoding.UTF8.GetString)]);
        return ranks;
    }

    /// <summary>All ranks have come to the same end; waits for them.</summary>
    public void Finish()
    {
        if (_mpi is not { } mpi) return;
        new Ranks(mpi).Gather(Array.Empty<byte>());
        _peers?.Stop();
        mpi.Finish();
        _mpi = null;
    }

    /// <summary>This process ends: where the others know nothing of it, it ends them too.</summary>
    /// <param name="code">Its exit code.</param>
    /// <param name="error">What it would have said, were it rank 0; null where nothing is wrong.</param>
    /// <param name="ended">Cancelled when mpirun ends it, because another one has ended.</param>
    /// <returns>The exit code.</returns>
    public int End(int code, string? error, CancellationToken ended)
    {
        if (!IsOneOfSeveral || (_mpi is null && error is null)) return code;
        if (Rank > 0 && error is not null)
        {
            if (ended.WaitHandle.WaitOne(s_courtesy)) return code;
            Console.Error.WriteLine($"{error} (rank {Rank} of {Count})");
        }

        Peers.SayGoodbye();
        _mpi?.Abort(code);
        return code;
    }
}
