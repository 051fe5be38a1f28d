namespace TorchSharp;

/// <summary>Arithmetic on sizes, strides and axis numbers.</summary>
internal static class Shapes
{
    internal static long Count(ReadOnlySpan<long> sizes)
    {
        long count = 1;
        foreach (long s in sizes)
            count *= s;
        return count;
    }

    /// <summary>Strides of the row-major layout, in elements.</summary>
    internal static long[] RowMajor(ReadOnlySpan<long> sizes)
    {
        var strides = new long[sizes.Length];
        long stride = 1;
        for (int d = sizes.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= Math.Max(sizes[d], 1);
        }

        return strides;
    }

    internal static bool IsRowMajor(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int d = sizes.Length - 1; d >= 0; d--)
        {
            if (sizes[d] == 0)
                return true;
            if (sizes[d] == 1)
                continue;
            if (strides[d] != expected)
                return false;
            expected *= sizes[d];
        }

        return true;
    }

    /// <summary>Whether the elements fill a block of memory exactly once, in any order of axes.</summary>
    internal static bool IsDense(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        if (IsRowMajor(sizes, strides))
            return true;
        Span<int> order = stackalloc int[sizes.Length];
        int n = 0;
        for (int d = 0; d < sizes.Length; d++)
        {
            if (sizes[d] == 1)
                continue;
            int p = n++;
            while (p > 0 && strides[order[p - 1]] > strides[d])
            {
                order[p] = order[p - 1];
                p--;
            }

            order[p] = d;
        }

        long expected = 1;
        for (int i = 0; i < n; i++)
        {
            if (strides[order[i]] != expected)
                return false;
            expected *= sizes[order[i]];
        }

        return true;
    }

    internal static int Axis(long dim, int rank, string call)
    {
        int range = Math.Max(rank, 1);
        if (dim < -range || dim >= range)
            Errors.Throw($"{call}: axis {dim} is out of range for a tensor of {rank} dimensions (expected {-range} to {range - 1}).");
        return (int)(dim < 0 ? dim + range : dim);
    }

    internal static long[] Broadcast(long[] a, long[] b, string call)
    {
        if (ReferenceEquals(a, b) || a.AsSpan().SequenceEqual(b))
            return a;
        int rank = Math.Max(a.Length, b.Length);
        var result = new long[rank];
        for (int i = 1; i <= rank; i++)
        {
            long sa = i <= a.Length ? a[^i] : 1, sb = i <= b.Length ? b[^i] : 1;
            if (sa != sb && sa != 1 && sb != 1)
            {
                Errors.Throw($"{call}: shapes {Errors.Text(a)} and {Errors.Text(b)} do not broadcast: axis {rank - i} has {sa} and {sb} elements.");
            }

            result[^i] = sa == 1 ? sb : sa;
        }

        return result;
    }

    /// <summary>Strides under which a tensor of the given shape is read as the (larger) target shape: 0 where it repeats.</summary>
    internal static long[] ExpandStrides(long[] sizes, long[] strides, long[] target)
    {
        if (ReferenceEquals(sizes, target) || sizes.AsSpan().SequenceEqual(target))
            return strides;
        var result = new long[target.Length];
        int lead = target.Length - sizes.Length;
        for (int d = 0; d < sizes.Length; d++)
            result[lead + d] = sizes[d] == 1 && target[lead + d] != 1 ? 0 : strides[d];
        return result;
    }

    internal static bool CanExpand(long[] sizes, long[] target)
    {
        if (sizes.Length > target.Length)
            return false;
        for (int i = 1; i <= sizes.Length; i++)
        {
            if (sizes[^i] != target[^i] && sizes[^i] != 1)
                return false;
        }

        return true;
    }

    /// <summary>Resolves a −1 in a requested shape.</summary>
    internal static long[] Infer(ReadOnlySpan<long> shape, long count, string call)
    {
        var result = shape.ToArray();
        int unknown = -1;
        long known = 1;
        for (int d = 0; d < result.Length; d++)
        {
            if (result[d] == -1 && unknown < 0)
                unknown = d;
            else if (result[d] < 0)
                Errors.Throw($"{call}: invalid shape {Errors.Text(shape)}.");
            else
                known *= result[d];
        }

        if (unknown >= 0 && known > 0 && count % known == 0)
            result[unknown] = count / known;
        else if (unknown >= 0 || known != count)
            Errors.Throw($"{call}: shape {Errors.Text(shape)} is invalid for {count} elements.");
        return result;
    }

    /// <summary>Strides of the same memory under a new shape, or null if the elements cannot be addressed that way.</summary>
    internal static long[]? ViewStrides(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<long> shape)
    {
        if (Count(sizes) == 0 || IsRowMajor(sizes, strides))
            return RowMajor(shape);
        var result = new long[shape.Length];
        int view = shape.Length - 1;
        long chunkStride = sizes.Length > 0 ? strides[^1] : 1;
        long elements = 1, viewElements = 1;
        for (int d = sizes.Length - 1; d >= 0; d--)
        {
            elements *= sizes[d];
            if (d != 0 && (sizes[d - 1] == 1 || strides[d - 1] == elements * chunkStride))
                continue;
            while (view >= 0 && (viewElements < elements || shape[view] == 1))
            {
                result[view] = viewElements * chunkStride;
                viewElements *= shape[view];
                view--;
            }

            if (viewElements != elements)
                return null;
            if (d > 0)
            {
                chunkStride = strides[d - 1];
                elements = 1;
                viewElements = 1;
            }
        }

        return view == -1 ? result : null;
    }
}
