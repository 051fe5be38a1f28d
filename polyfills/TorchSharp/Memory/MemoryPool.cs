using System.Numerics;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// 64-byte aligned memory in size classes. Freed blocks are kept for the next request of their class; blocks that a whole
/// epoch of traffic did not need go back to the operating system.
/// </summary>
/// <remarks>
/// Classes are powers of two with three steps between (at most 25 % waste). An epoch ends when a multiple of the held
/// memory has been requested, so trimming follows the work and never the clock.
/// </remarks>
internal static unsafe class MemoryPool
{
    private const int Alignment = 64;
    private const int Classes = 4 * 40;
    private const long MinimumEpoch = 1L << 30;
    private const long CollectAfterGrowth = 512L << 20;

    private static readonly SizeClass[] s_classes = CreateClasses();
    private static long s_live;
    private static long s_cached;
    private static long s_requested;
    private static long s_liveAtCollection;

    /// <summary>Bytes handed out and not returned.</summary>
    internal static long LiveBytes => Interlocked.Read(ref s_live);

    /// <summary>Bytes held for reuse.</summary>
    internal static long CachedBytes => Interlocked.Read(ref s_cached);

    /// <summary>Returns memory of at least <paramref name="bytes"/> bytes, content undefined; the capacity is needed to return it.</summary>
    internal static byte* Rent(long bytes, out long capacity)
    {
        int index = ClassOf(bytes, out capacity);
        SizeClass c = s_classes[index];
        byte* block = c.TryPop();
        if (block == null)
            block = Allocate(capacity);
        else
            Interlocked.Add(ref s_cached, -capacity);

        long live = Interlocked.Add(ref s_live, capacity);
        if (live > Interlocked.Read(ref s_liveAtCollection) + CollectAfterGrowth)
            CollectGarbage(live);
        if (Interlocked.Add(ref s_requested, capacity) > MinimumEpoch)
            EndEpoch();
        return block;
    }

    internal static void Return(byte* block, long capacity)
    {
        int index = ClassOf(capacity, out long rounded);
        Interlocked.Add(ref s_live, -rounded);
        Interlocked.Add(ref s_cached, rounded);
        s_classes[index].Push(block);
    }

    /// <summary>Gives every cached block back to the operating system.</summary>
    internal static void Trim()
    {
        foreach (SizeClass c in s_classes)
            Interlocked.Add(ref s_cached, -c.FreeAll());
    }

    private static byte* Allocate(long capacity)
    {
        try
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)capacity, Alignment);
        }
        catch (OutOfMemoryException)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Trim();
            return (byte*)NativeMemory.AlignedAlloc((nuint)capacity, Alignment);
        }
    }

    /// <summary>
    /// Tensors that nobody disposes are invisible to the garbage collector's budget; strong growth asks it to run.
    /// </summary>
    private static void CollectGarbage(long live)
    {
        Interlocked.Exchange(ref s_liveAtCollection, live);
        GC.Collect(2, GCCollectionMode.Forced, blocking: false);
    }

    private static void EndEpoch()
    {
        long held = Interlocked.Read(ref s_live) + Interlocked.Read(ref s_cached);
        if (Interlocked.Read(ref s_requested) < Math.Max(MinimumEpoch, 8 * held))
            return;
        Interlocked.Exchange(ref s_requested, 0);
        Interlocked.Exchange(ref s_liveAtCollection, Interlocked.Read(ref s_live));
        foreach (SizeClass c in s_classes)
            Interlocked.Add(ref s_cached, -c.FreeSurplus());
    }

    private static int ClassOf(long bytes, out long capacity)
    {
        if (bytes <= Alignment)
        {
            capacity = Alignment;
            return 0;
        }

        // capacity = 2^e · (4 + step) / 4 with step 1 … 4
        int e = 63 - BitOperations.LeadingZeroCount((ulong)(bytes - 1));
        long quarter = 1L << (e - 2);
        int step = (int)((bytes - 1 - (1L << e)) / quarter) + 1;
        capacity = (1L << e) + step * quarter;
        return (e - 6) * 4 + step;
    }

    private static SizeClass[] CreateClasses()
    {
        var classes = new SizeClass[Classes];
        for (int i = 0; i < classes.Length; i++)
        {
            int e = i == 0 ? 5 : 6 + ((i - 1) >> 2);
            long capacity = i == 0 ? Alignment : (1L << e) + (((i - 1) & 3) + 1) * (1L << (e - 2));
            classes[i] = new SizeClass(capacity);
        }

        return classes;
    }

    private sealed class SizeClass(long capacity)
    {
        private readonly Lock _lock = new();
        private nint[] _blocks = new nint[4];
        private int _count;
        private int _leastInEpoch;

        internal byte* TryPop()
        {
            lock (_lock)
            {
                if (_count == 0)
                    return null;
                byte* block = (byte*)_blocks[--_count];
                _leastInEpoch = Math.Min(_leastInEpoch, _count);
                return block;
            }
        }

        internal void Push(byte* block)
        {
            lock (_lock)
            {
                if (_count == _blocks.Length)
                    Array.Resize(ref _blocks, 2 * _count);
                _blocks[_count++] = (nint)block;
            }
        }

        internal long FreeAll()
        {
            lock (_lock)
                return Free(_count);
        }

        /// <summary>Frees as many blocks as were never taken since the last call.</summary>
        internal long FreeSurplus()
        {
            lock (_lock)
            {
                long freed = Free(_leastInEpoch);
                _leastInEpoch = _count;
                return freed;
            }
        }

        private long Free(int blocks)
        {
            blocks = Math.Min(blocks, _count);
            for (int i = 0; i < blocks; i++)
                NativeMemory.AlignedFree((void*)_blocks[--_count]);
            _leastInEpoch = Math.Min(_leastInEpoch, _count);
            return blocks * capacity;
        }
    }
}
