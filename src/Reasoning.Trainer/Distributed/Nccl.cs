using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// NCCL by its C interface (nccl.h, 2.7 and later): float32 tensors go from one GPU to the other, not through main memory. It is a library of
/// its own beside libtorch for CUDA, or a part of that. Calls run in the order of libtorch's own work, on the default stream of CUDA, and
/// return before they are done. <b>Never run on several GPUs</b>: the machines this was made on had one at most. Tests run it on a library of
/// a page of C that has the same functions and works on main memory.
/// </summary>
internal sealed unsafe class Nccl
{
    private const int Float32 = 7; // ncclFloat32
    private const int IdBytes = 128; // NCCL_UNIQUE_ID_BYTES
    private static readonly string[] s_names = ["libnccl.so.2", "libtorch_cuda.so"];

    private readonly int _ranks;
    private readonly nint _connection;
    private readonly delegate* unmanaged<int> _groupStart, _groupEnd;
    private readonly delegate* unmanaged<nint, nint, int, int, nint, nint, int> _send, _receive;
    private readonly delegate* unmanaged<nint, nint, nint, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged<int, byte*> _words;

    private Nccl(nint library, int ranks, int rank, Id id)
    {
        _ranks = ranks;
        _words = (delegate* unmanaged<int, byte*>)Symbol("ncclGetErrorString");
        _groupStart = (delegate* unmanaged<int>)Symbol("ncclGroupStart");
        _groupEnd = (delegate* unmanaged<int>)Symbol("ncclGroupEnd");
        _send = (delegate* unmanaged<nint, nint, int, int, nint, nint, int>)Symbol("ncclSend");
        _receive = (delegate* unmanaged<nint, nint, int, int, nint, nint, int>)Symbol("ncclRecv");
        _allGather = (delegate* unmanaged<nint, nint, nint, int, nint, nint, int>)Symbol("ncclAllGather");
        nint connection;
        Check(((delegate* unmanaged<nint*, int, Id, int, int>)Symbol("ncclCommInitRank"))(&connection, ranks, id, rank));
        _connection = connection;

        nint Symbol(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>What names a meeting of ranks; passed by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Id
    {
        public fixed byte Bytes[IdBytes];
    }

    /// <summary>The library, where there is one: beside libtorch, or where the system looks.</summary>
    public static nint? Library() =>
        s_names.SelectMany(name => (string[])[Path.Combine(NativeLibraries.Folder, name), name]).Select(Library).FirstOrDefault(library => library is not null);

    /// <summary>The library in a file; null where that does not load, or is none.</summary>
    public static nint? Library(string file) =>
        NativeLibrary.TryLoad(file, out nint library) && NativeLibrary.TryGetExport(library, "ncclCommInitRank", out _) ? library : null;

    /// <summary>What the first rank gives all others.</summary>
    public static byte[] NewId(nint library)
    {
        byte[] id = new byte[IdBytes];
        fixed (byte* bytes = id)
        {
            _ = ((delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "ncclGetUniqueId"))(bytes); // connecting by what is no name fails
        }

        return id;
    }

    /// <summary>Meets the other ranks; all of them call this.</summary>
    /// <exception cref="RanksException">NCCL does not connect them; its words.</exception>
    public static Nccl Connect(nint library, int ranks, int rank, byte[] id) => new(library, ranks, rank, MemoryMarshal.Read<Id>(id));

    /// <summary>Its number, such as 2.27.3.</summary>
    public static string Version(nint library)
    {
        int version;
        _ = ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "ncclGetVersion"))(&version);
        return version < 10_000 ? $"{version / 1000}.{version / 100 % 10}.{version % 100}" : $"{version / 10_000}.{version / 100 % 100}.{version % 100}";
    }

    /// <summary>Gives each rank the block that each other has for it.</summary>
    /// <param name="send_RB">[ranks, values] contiguous, a block for each rank.</param>
    /// <param name="receive_RB">[ranks, values] takes a block of each rank.</param>
    public void AllToAll(Tensor send_RB, Tensor receive_RB)
    {
        nint values = (nint)(send_RB.numel() / _ranks), from = Address(send_RB), to = Address(receive_RB);
        Check(_groupStart());
        for (int rank = 0; rank < _ranks; rank++)
        {
            nint block = rank * values * sizeof(float);
            Check(_send(from + block, values, Float32, rank, _connection, 0));
            Check(_receive(to + block, values, Float32, rank, _connection, 0));
        }

        Check(_groupEnd());
    }

    /// <summary>Gives everybody the blocks of all, in the order of ranks.</summary>
    /// <param name="block_B">[values] of this rank.</param>
    /// <param name="all_RB">[ranks, values] takes those of all.</param>
    public void AllGather(Tensor block_B, Tensor all_RB) =>
        Check(_allGather(Address(block_B), Address(all_RB), (nint)block_B.numel(), Float32, _connection, 0));

    private void Check(int code)
    {
        if (code != 0) throw new RanksException($"NCCL: {Marshal.PtrToStringUTF8((nint)_words(code))}; NCCL_DEBUG=WARN makes it say more");
    }

    /// <summary>Where the first value lies, on whatever device. TorchSharp's own spans are of main memory alone.</summary>
    private static nint Address(Tensor tensor) => TensorData(tensor.Handle);

    [DllImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static extern nint TensorData(nint tensor);
}
