namespace Reasoning.Models.Kernels;

/// <summary>The part of a sequence's cache blocks that belongs to one layer and key-value head.</summary>
/// <param name="table">Address of every block of the cache.</param>
/// <param name="numbers">Block numbers of the sequence.</param>
/// <param name="offset">Floats from the start of a block to the part.</param>
internal readonly unsafe struct BlockView(float** table, int* numbers, nint offset)
{
    /// <summary>The part in the sequence's block <paramref name="index"/>: keys [headDim, 16], then values [16, headDim].</summary>
    internal float* this[int index] => table[numbers[index]] + offset;
}
