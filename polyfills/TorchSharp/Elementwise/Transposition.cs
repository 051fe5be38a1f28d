using Reasoning.Shared;

namespace TorchSharp;

/// <summary>
/// Copies of permuted tensors tile by tile: one side walks its memory in long strides, and a tile keeps the lines it
/// touches in cache until all their elements are used.
/// </summary>
internal static unsafe class Transposition
{
    private const int Tile = 32;

    /// <summary>Fewer elements are copied faster without tiles.</summary>
    private const long Smallest = 4096;

    /// <summary>Copies if the source is contiguous along another axis than the row-major target of the same shape.</summary>
    internal static bool TryCopy(TensorImpl target, TensorImpl source)
    {
        int rank = target.Rank, last = rank - 1;
        if (target.Count < Smallest || target.ItemSize < 4 || rank != source.Rank || !target.Sizes.AsSpan().SequenceEqual(source.Sizes))
            return false;
        if (source.Strides[last] == 1 || target.Sizes[last] < 8)
            return false;
        int unit = -1;
        for (int d = 0; d < last; d++)
        {
            if (source.Strides[d] == 1 && source.Sizes[d] >= 8)
                unit = d;
        }

        if (unit < 0)
            return false;
        if (target.ItemSize == 4)
            Copy<uint>(target, source, unit);
        else
            Copy<ulong>(target, source, unit);
        return true;
    }

    private static void Copy<T>(TensorImpl target, TensorImpl source, int unit)
        where T : unmanaged
    {
        int last = target.Rank - 1;
        long rows = target.Sizes[unit], columns = target.Sizes[last];
        long rowStride = target.Strides[unit], columnStride = source.Strides[last];
        long bands = (rows + Tile - 1) / Tile;
        long others = target.Count / (rows * columns);
        T* to = (T*)target.Data, from = (T*)source.Data;
        Workers.For(checked((int)(others * bands)), task =>
        {
            (long other, long band) = Math.DivRem(task, bands);
            T* y = to, x = from;
            for (int d = last - 1; d >= 0; d--)
            {
                if (d == unit)
                    continue;
                (other, long at) = Math.DivRem(other, target.Sizes[d]);
                y += at * target.Strides[d];
                x += at * source.Strides[d];
            }

            long firstRow = band * Tile, endRow = Math.Min(rows, firstRow + Tile);
            for (long c0 = 0; c0 < columns; c0 += Tile)
            {
                long endColumn = Math.Min(columns, c0 + Tile);
                for (long r = firstRow; r < endRow; r++)
                {
                    T* row = y + r * rowStride;
                    for (long c = c0; c < endColumn; c++)
                        row[c] = x[c * columnStride + r];
                }
            }
        });
    }
}
