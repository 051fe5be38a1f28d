using System.Numerics;
using Reasoning.Shared;

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

    /// <summary>Smaller blocks are too cheap to be worth watching.</summary>
    private const long Watched = 64 << 10;
    private const long MinimumEpoch = 1L << 30;
    private const long CollectAfterGrowth = 512L << 20;

    private static readonly SizeClass[] s_classes = CreateClasses();
    private static long s_watched;
    private static long s_requested;
    private static long s_watchedAtCollection;

    /// <summary>Bytes handed out and not returned.</summary>
    internal static long LiveBytes => s_classes.Sum(static c => c.LiveBytes);

    /// <summary>Bytes held for reuse.</summary>
    internal static long CachedBytes => s_classes.Sum(static c => c.CachedBytes);

    /// <summary>Returns memory of at least <paramref name="bytes"/> bytes, content undefined; the capacity is needed to return it.</summary>
    internal static byte* Rent(long bytes, out long capacity)
    {
        byte* block = s_classes[ClassOf(bytes, out capacity)].TryPop();
        if (block == null)
            block = Allocate(capacity);
        if (capacity < Watched)
            return block;
        long watched = Interlocked.Add(ref s_watched, capacity);
        if (watched > Interlocked.Read(ref s_watchedAtCollection) + CollectAfterGrowth)
            CollectGarbage(watched);
        if (Interlocked.Add(ref s_requested, capacity) > MinimumEpoch)
            EndEpoch();
        return block;
    }

    internal static void Return(byte* block, long capacity)
    {
        s_classes[ClassOf(capacity, out long rounded)].Push(block);
        if (rounded >= Watched)
            Interlocked.Add(ref s_watched, -rounded);
    }

    /// <summary>Gives every cached block back to the operating system.</summary>
    internal static void Trim()
    {
        foreach (SizeClass c in s_classes)
            c.FreeAll();
    }

    private static byte* Allocate(long capacity)
    {
        try
        {
            return (byte*)LargeMemory.Allocate((nuint)capacity);
        }
        catch (OutOfMemoryException)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Trim();
            return (byte*)LargeMemory.Allocate((nuint)capacity);
        }
    }

    /// <summary>
    /// Tensors that nobody disposes are invisible to the garbage collector's budget; strong growth asks it to run.
    /// </summary>
    private static void CollectGarbage(long watched)
    {
        Interlocked.Exchange(ref s_watchedAtCollection, watched);
        GC.Collect(2, GCCollectionMode.Forced, blocking: false);
    }

    private static void EndEpoch()
    {
        long requested = Interlocked.Read(ref s_requested);
        if (requested < Math.Max(MinimumEpoch, 8 * (Interlocked.Read(ref s_watched) + CachedBytes)))
            return;
        Interlocked.Exchange(ref s_requested, 0);
        Interlocked.Exchange(ref s_watchedAtCollection, Interlocked.Read(ref s_watched));
        foreach (SizeClass c in s_classes)
            c.FreeSurplus();
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
        private long _live;

        internal long LiveBytes => Interlocked.Read(ref _live) * capacity;

        internal long CachedBytes => Volatile.Read(ref _count) * capacity;

        /// <summary>A cached block, or null: then the caller allocates one of this class.</summary>
        internal byte* TryPop()
        {
            lock (_lock)
            {
                _live++;
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
                _live--;
                if (_count == _blocks.Length)
                    Array.Resize(ref _blocks, 2 * _count);
                _blocks[_count++] = (nint)block;
            }
        }

        internal void FreeAll()
        {
            lock (_lock)
                Free(_count);
        }

        /// <summary>Frees as many blocks as were never taken since the last call.</summary>
        internal void FreeSurplus()
        {
            lock (_lock)
            {
                Free(_leastInEpoch);
                _leastInEpoch = _count;
            }
        }

        private void Free(int blocks)
        {
            for (int i = 0; i < blocks; i++)
                LargeMemory.Free((void*)_blocks[--_count]);
            _leastInEpoch = Math.Min(_leastInEpoch, _count);
        }
    }
}
