using System.Diagnostics;
using System.Runtime.InteropServices;
using Reasoning.Models;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// Open MPI by its C interface, loaded when it is asked for. Its handles are the addresses of symbols of the library, as mpi.h has them. (MPI.NET
/// 1.4 loads msmpi.dll and nothing else.) Waiting ranks look again and again without holding a processor that another one computes on.
/// </summary>
internal sealed unsafe class MpiCommunicator : ICommunicator
{
    /// <summary>MPI_THREAD_SERIALIZED: calls come from any thread, one at a time.</summary>
    private const int Serialized = 2;

    private static readonly string[] s_names = ["libmpi.so.40", "libmpi.40.dylib", "libmpi.so"];

    /// <summary>How long a wait looks without a pause: longer than what all send takes, shorter than what a slower rank computes.</summary>
    private static readonly TimeSpan s_brief = TimeSpan.FromMilliseconds(20);

    private readonly nint _library, _world, _byte;
    private readonly delegate* unmanaged<byte*, int, nint, byte*, int, nint, nint, nint*, int> _allGather, _allToAll;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;

    private MpiCommunicator(nint library)
    {
        _library = library;
        (_world, _byte) = (Symbol("ompi_mpi_comm_world"), Symbol("ompi_mpi_byte"));
        _allGather = (delegate* unmanaged<byte*, int, nint, byte*, int, nint, nint, nint*, int>)Symbol("MPI_Iallgather");
        _allToAll = (delegate* unmanaged<byte*, int, nint, byte*, int, nint, nint, nint*, int>)Symbol("MPI_Ialltoall");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Symbol("MPI_Test");
        int given, rank, count;
        _ = ((delegate* unmanaged<nint, nint, int, int*, int>)Symbol("MPI_Init_thread"))(0, 0, Serialized, &given);
        _ = ((delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_rank"))(_world, &rank);
        _ = ((delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_size"))(_world, &count);
        (Rank, Count) = (rank, count);
    }

    public int Rank { get; }

    public int Count { get; }

    /// <summary>Loads the library, without beginning anything.</summary>
    /// <returns>Null where there is none; what the loader said is in <paramref name="why"/>.</returns>
    public static nint? Library(out string why)
    {
        why = "";
        foreach (string name in s_names)
        {
            try
            {
                return NativeLibrary.Load(name);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                if (why.Length == 0) why = e.Message.Split('\n')[0];
            }
        }

        return null;
    }

    /// <summary>Becomes one of the ranks that mpirun has started.</summary>
    /// <exception cref="UserErrorException">The library does not load, or is another MPI's.</exception>
    public static MpiCommunicator Start()
    {
        const string Cure = "install Open MPI 4 (Debian: libopenmpi3), or start without mpirun";
        nint library = Library(out string why) ?? throw new UserErrorException($"mpirun started this, and MPI does not load: {why}; {Cure}");
        return NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _)
            ? new MpiCommunicator(library)
            : throw new UserErrorException($"mpirun started this, and the libmpi that loads is not Open MPI's; {Cure}");
    }

    public void AllGather(ReadOnlySpan<byte> block, Span<byte> all)
    {
        fixed (byte* from = block, to = all)
        {
            nint request;
            _ = _allGather(from, block.Length, _byte, to, block.Length, _byte, _world, &request);
            Wait(request);
        }
    }

    public void AllToAll(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        fixed (byte* from = send, to = receive)
        {
            nint request;
            int length = send.Length / Count;
            _ = _allToAll(from, length, _byte, to, length, _byte, _world, &request);
            Wait(request);
        }
    }

    /// <summary>All ranks are done.</summary>
    public void Finish() => _ = ((delegate* unmanaged<int>)Symbol("MPI_Finalize"))();

    /// <summary>Ends all ranks.</summary>
    public void Abort(int code) => _ = ((delegate* unmanaged<nint, int, int>)Symbol("MPI_Abort"))(_world, code);

    // An error of MPI itself ends all ranks with MPI's own words: that is how it deals with errors unless it is told otherwise.
    private void Wait(nint request)
    {
        long began = Stopwatch.GetTimestamp();
        int isDone = 0;
        while (true)
        {
            _ = _test(&request, &isDone, 0);
            if (isDone != 0) return;
            if (Stopwatch.GetElapsedTime(began) < s_brief) Thread.Yield();
            else Thread.Sleep(1);
        }
    }

    private nint Symbol(string name) => NativeLibrary.GetExport(_library, name);
}
