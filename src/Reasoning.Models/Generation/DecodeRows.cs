using Reasoning.Models.Kernels;

namespace Reasoning.Models.Generation;

/// <summary>
/// The rows of one pass through the model: each is one token of some sequence with its position and that sequence's cache blocks.
/// Prefill has many rows of a sequence in ascending order of position, decoding one row of each.
/// </summary>
/// <param name="capacity">Most rows.</param>
/// <param name="areIndependent">Whether no two rows are of the same sequence, as in decoding.</param>
internal sealed class DecodeRows(int capacity, bool areIndependent = false)
{
    internal bool AreIndependent => areIndependent;

    internal int Count { get; private set; }

    internal int Capacity => Ids.Length;

    internal int[] Ids { get; } = new int[capacity];

    internal int[] Positions { get; } = new int[capacity];

    /// <summary>For each row the blocks of its sequence: position p lies in block [p / BlockSize], slot p % BlockSize.</summary>
    internal int[][] Blocks { get; } = new int[capacity][];

    internal void Clear() => Count = 0;

    internal void Add(int id, int position, int[] blocks)
    {
        Ids[Count] = id;
        Positions[Count] = position;
        Blocks[Count] = blocks;
        Count++;
    }

    /// <summary>The row of the cache, counted in positions, that holds position <paramref name="position"/> of row <paramref name="row"/>.</summary>
    internal int Slot(int row, int position) =>
        (Blocks[row][position / BlockAttention.BlockSize] * BlockAttention.BlockSize) + (position % BlockAttention.BlockSize);
}
