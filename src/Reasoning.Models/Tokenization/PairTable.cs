using System.Numerics;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// A hash table from a pair of token ids to the merge that joins them. Open addressing in two flat arrays: the innermost look-up of
/// encoding costs one multiplication and, most often, one read.
/// </summary>
internal sealed class PairTable
{
    /// <summary>What <see cref="Find"/> gives for a pair without a merge; larger than every merge.</summary>
    public const long None = long.MaxValue;

    private const ulong Free = ulong.MaxValue;
    private readonly ulong[] _keys;
    private readonly long[] _merges;
    private readonly int _shift;

    public PairTable(int count)
    {
        int bits = BitOperations.Log2((uint)Math.Max(count, 4)) + 2; // at most half full
        _keys = new ulong[1 << bits];
        _merges = new long[1 << bits];
        _shift = 64 - bits;
        Array.Fill(_keys, Free);
    }

    /// <summary>
    /// The merge of a pair: its rank in the upper half, so that the one learned first is the smallest; its token in the lower.
    /// </summary>
    public long Find(int left, int right)
    {
        int slot = Slot(left, right);
        return _keys[slot] == Free ? None : _merges[slot];
    }

    public void Set(int left, int right, int rank, int token)
    {
        int slot = Slot(left, right);
        _keys[slot] = Key(left, right);
        _merges[slot] = ((long)rank << 32) | (uint)token;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    // Where the pair is, or the free place where it would be.
    private int Slot(int left, int right)
    {
        ulong key = Key(left, right);
        int slot = (int)((key * 0x9E37_79B9_7F4A_7C15) >> _shift);
        while (_keys[slot] != key && _keys[slot] != Free) slot = (slot + 1) & (_keys.Length - 1);
        return slot;
    }
}
