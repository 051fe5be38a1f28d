using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Sums over axes. Nothing here is recorded.</summary>
internal static unsafe class Reduce
{
    /// <summary>Sum over the given axes (none: all), in the given type or the one PyTorch chooses: integers become int64.</summary>
    internal static Tensor Sum(Tensor x, ReadOnlySpan<long> dims, bool keepdim, ScalarType? type)
    {
        ScalarType dtype = type ?? (DTypes.IsFloat(x.dtype) ? x.dtype : ScalarType.Int64);
        Span<bool> reduced = stackalloc bool[x.Impl.Rank];
        Mark(x, dims, reduced, "sum");
        return Sum(x.Impl, reduced, keepdim, dtype);
    }

    /// <summary>Sums the axes along which a tensor of the given shape was broadcast.</summary>
    internal static Tensor SumTo(Tensor x, long[] sizes)
    {
        if (x.requires_grad && GradMode.IsEnabled)
            return x.SumToShape(sizes);
        TensorImpl impl = x.Impl;
        int lead = impl.Rank - sizes.Length;
        Span<bool> reduced = stackalloc bool[impl.Rank];
        for (int d = 0; d < impl.Rank; d++)
            reduced[d] = d < lead || (sizes[d - lead] == 1 && impl.Sizes[d] != 1);
        Tensor sum = Sum(impl, reduced, keepdim: true, impl.DType);
        sum.Impl.Reshape(sizes, Shapes.RowMajor(sizes));
        return sum;
    }

    /// <summary>Marks the axes of a reduction; an empty list means all.</summary>
    internal static void Mark(Tensor x, ReadOnlySpan<long> dims, Span<bool> reduced, string call)
    {
        if (dims.IsEmpty)
        {
            reduced.Fill(true);
            return;
        }

        reduced.Clear();
        foreach (long dim in dims)
        {
            int axis = Shapes.Axis(dim, x.Impl.Rank, call);
            if (x.Impl.Rank == 0)
                return;
            if (reduced[axis])
                Errors.Throw($"{call}: axis {axis} appears more than once.");
            reduced[axis] = true;
        }
    }

    internal static Tensor Sum(TensorImpl x, ReadOnlySpan<bool> reduced, bool keepdim, ScalarType dtype)
    {
        ScalarType work = DTypes.IsReduced(dtype) ? ScalarType.Float32 : dtype == ScalarType.Bool ? ScalarType.Int64 : dtype;
        Layout layout = Layout.Of(x, reduced, work);
        long[] sizes = keepdim ? layout.KeptSizes : Layout.Squeeze(layout.KeptSizes, reduced);
        TensorImpl y = TensorImpl.Allocate(sizes, work);
        byte* from = layout.Input.Data, to = y.Data;
        long o = layout.Outer, r = layout.Reduced, i = layout.Inner;
        if (x.Count == 0)
            Fill.Zero(y);
        else
        {
            switch (work)
            {
                case ScalarType.Float32: Sums.Run((float*)from, (float*)to, o, r, i); break;
                case ScalarType.Float64: Sums.Run((double*)from, (double*)to, o, r, i); break;
                case ScalarType.Int64: Sums.Run((long*)from, (long*)to, o, r, i); break;
                case ScalarType.Int32: Sums.Run((int*)from, (int*)to, o, r, i); break;
                case ScalarType.Int16: Sums.Run((short*)from, (short*)to, o, r, i); break;
                case ScalarType.Int8: Sums.Run((sbyte*)from, (sbyte*)to, o, r, i); break;
                default: Sums.Run(from, to, o, r, i); break;
            }
        }

        layout.Input.Release();
        if (work == dtype)
            return new Tensor(y);
        TensorImpl result = Copies.As(y, dtype);
        y.Release();
        return new Tensor(result);
    }
}
