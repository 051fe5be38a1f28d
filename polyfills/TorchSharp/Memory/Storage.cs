using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The memory behind one or more tensors; counts its users and returns the memory when the last one leaves.</summary>
internal sealed unsafe class Storage
{
    private readonly long _capacity;
    private GCHandle _pinned;
    private int _users = 1;

    internal Storage(long bytes)
    {
        Pointer = MemoryPool.Rent(bytes, out _capacity);
        Bytes = bytes;
    }

    /// <summary>Memory of a managed array, which stays pinned for as long as a tensor refers to it.</summary>
    internal Storage(Array array, long bytes)
    {
        _pinned = GCHandle.Alloc(array, GCHandleType.Pinned);
        Pointer = (byte*)_pinned.AddrOfPinnedObject();
        Bytes = bytes;
    }

    internal byte* Pointer { get; private set; }

    internal long Bytes { get; }

    /// <summary>Counts in-place changes; a tensor saved for the backward pass must still have the count it was saved with.</summary>
    internal int Version { get; private set; }

    internal bool HasOneUser => Volatile.Read(ref _users) == 1;

    internal void BumpVersion() => Version++;

    internal Storage Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        if (_pinned.IsAllocated)
            _pinned.Free();
        else
            MemoryPool.Return(Pointer, _capacity);
        Pointer = null;
    }
}
