using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// A tensor arranged for reduction: row-major [outer, reduced, inner]. Neighbouring axes are used in place; otherwise the
/// reduced axes are moved to the end in a copy.
/// </summary>
internal readonly struct Layout
{
    private Layout(TensorImpl input, long[] sizes, long outer, long reduced, long inner)
    {
        Input = input;
        KeptSizes = sizes;
        Outer = outer;
        Reduced = reduced;
        Inner = inner;
    }

    /// <summary>Row-major and held; release it after use.</summary>
    internal TensorImpl Input { get; }

    /// <summary>The shape of the result with reduced axes of length one.</summary>
    internal long[] KeptSizes { get; }

    internal long Outer { get; }

    internal long Reduced { get; }

    internal long Inner { get; }

    /// <summary>Arranges for a reduction over the marked axes, converted to the given type.</summary>
    internal static Layout Of(TensorImpl input, ReadOnlySpan<bool> reduced, ScalarType dtype)
    {
        int rank = input.Rank, first = -1, last = -1, count = 0;
        var kept = (long[])input.Sizes.Clone();
        for (int d = 0; d < rank; d++)
        {
            if (!reduced[d])
                continue;
            kept[d] = 1;
            count++;
            if (first < 0)
                first = d;
            last = d;
        }

        if (count == 0)
            return new Layout(Copies.ContiguousAs(input, dtype), kept, input.Count, 1, 1);
        long[] sizes = input.Sizes;
        if (last - first + 1 == count)
        {
            return new Layout(
                Copies.ContiguousAs(input, dtype),
                kept,
                Shapes.Count(sizes.AsSpan(0, first)),
                Shapes.Count(sizes.AsSpan(first, count)),
                Shapes.Count(sizes.AsSpan(last + 1)));
        }

        var movedSizes = new long[rank];
        var movedStrides = new long[rank];
        int at = 0;
        long outer = 1;
        for (int pass = 0; pass < 2; pass++)
        {
            for (int d = 0; d < rank; d++)
            {
                if (reduced[d] != (pass == 1))
                    continue;
                movedSizes[at] = sizes[d];
                movedStrides[at++] = input.Strides[d];
                if (pass == 0)
                    outer *= sizes[d];
            }
        }

        TensorImpl moved = input.View(movedSizes, movedStrides, input.Offset);
        TensorImpl copy = Copies.ContiguousAs(moved, dtype);
        moved.Release();
        return new Layout(copy, kept, outer, outer == 0 ? Shapes.Count(movedSizes.AsSpan(rank - count)) : input.Count / outer, 1);
    }

    /// <summary>The shape of the result without the reduced axes.</summary>
    internal static long[] Squeeze(long[] kept, ReadOnlySpan<bool> reduced)
    {
        int n = 0;
        foreach (bool r in reduced)
            n += r ? 0 : 1;
        var sizes = new long[n];
        int at = 0;
        for (int d = 0; d < kept.Length; d++)
        {
            if (!reduced[d])
                sizes[at++] = kept[d];
        }

        return sizes;
    }
}
