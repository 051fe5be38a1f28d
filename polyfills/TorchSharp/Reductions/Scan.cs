using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Extremes, truth and cumulative sums over axes. Nothing here is recorded.</summary>
internal static unsafe class Scan
{
    /// <summary>Extreme values and their positions along the marked axes.</summary>
    internal static (Tensor? Values, Tensor? Indices) Extreme(Tensor x, ReadOnlySpan<bool> reduced, bool keepdim, bool max, bool wantValues, bool wantIndices, string call)
    {
        ScalarType dtype = x.dtype;
        ScalarType work = DTypes.IsReduced(dtype) ? ScalarType.Float32 : dtype;
        Layout layout = Layout.Of(x.Impl, reduced, work);
        if (layout.Reduced == 0)
            Errors.Throw($"{call}: an axis without elements has no extreme.");
        long[] sizes = keepdim ? layout.KeptSizes : Layout.Squeeze(layout.KeptSizes, reduced);
        TensorImpl? values = wantValues ? TensorImpl.Allocate(sizes, work) : null;
        TensorImpl? indices = wantIndices ? TensorImpl.Allocate(sizes, ScalarType.Int64) : null;
        switch (work)
        {
            case ScalarType.Float32: Run<float>(layout, values, indices, max); break;
            case ScalarType.Float64: Run<double>(layout, values, indices, max); break;
            case ScalarType.Int64: Run<long>(layout, values, indices, max); break;
            case ScalarType.Int32: Run<int>(layout, values, indices, max); break;
            case ScalarType.Int16: Run<short>(layout, values, indices, max); break;
            case ScalarType.Int8: Run<sbyte>(layout, values, indices, max); break;
            default: Run<byte>(layout, values, indices, max); break;
        }

        layout.Input.Release();
        if (values is not null && work != dtype)
        {
            TensorImpl converted = Copies.As(values, dtype);
            values.Release();
            values = converted;
        }

        return (values is null ? null : new Tensor(values), indices is null ? null : new Tensor(indices));
    }

    /// <summary>Whether all (or any) elements along the marked axes are not zero.</summary>
    internal static Tensor Truth(Tensor x, ReadOnlySpan<bool> reduced, bool keepdim, bool all)
    {
        TensorImpl truth = Copies.As(x.Impl, ScalarType.Bool);
        Layout layout = Layout.Of(truth, reduced, ScalarType.Bool);
        truth.Release();
        TensorImpl result = TensorImpl.Allocate(keepdim ? layout.KeptSizes : Layout.Squeeze(layout.KeptSizes, reduced), ScalarType.Bool);
        if (layout.Reduced == 0)
            Fill.Into(result, all);
        else
            Extremes.Run<byte>(layout.Input.Data, result.Data, null, layout.Outer, layout.Reduced, layout.Inner, max: !all);
        layout.Input.Release();
        return new Tensor(result);
    }

    /// <summary>Running sums along one axis.</summary>
    internal static Tensor CumulativeSum(Tensor x, int axis, ScalarType dtype)
    {
        ScalarType work = DTypes.IsReduced(dtype) ? ScalarType.Float32 : dtype;
        Span<bool> reduced = stackalloc bool[x.Impl.Rank];
        reduced.Clear();
        if (x.Impl.Rank > 0)
            reduced[axis] = true;
        Layout layout = Layout.Of(x.Impl, reduced, work);
        TensorImpl y = TensorImpl.Allocate(x.Impl.Sizes, work);
        if (y.Count > 0)
        {
            switch (work)
            {
                case ScalarType.Float32: Accumulate<float, double>(layout, y); break;
                case ScalarType.Float64: Accumulate<double, double>(layout, y); break;
                case ScalarType.Int64: Accumulate<long, long>(layout, y); break;
                case ScalarType.Int32: Accumulate<int, int>(layout, y); break;
                case ScalarType.Int16: Accumulate<short, short>(layout, y); break;
                case ScalarType.Int8: Accumulate<sbyte, sbyte>(layout, y); break;
                default: Accumulate<byte, byte>(layout, y); break;
            }
        }

        layout.Input.Release();
        if (work == dtype)
            return new Tensor(y);
        TensorImpl converted = Copies.As(y, dtype);
        y.Release();
        return new Tensor(converted);
    }

    private static void Run<T>(Layout layout, TensorImpl? values, TensorImpl? indices, bool max)
        where T : unmanaged, INumber<T> =>
        Extremes.Run(
            (T*)layout.Input.Data,
            values is null ? null : (T*)values.Data,
            indices is null ? null : (long*)indices.Data,
            layout.Outer,
            layout.Reduced,
            layout.Inner,
            max);

    private static void Accumulate<T, TSum>(Layout layout, TensorImpl y)
        where T : unmanaged, INumber<T>
        where TSum : unmanaged, INumber<TSum>
    {
        T* from = (T*)layout.Input.Data, to = (T*)y.Data;
        long reduced = layout.Reduced, inner = layout.Inner;
        for (long o = 0; o < layout.Outer; o++)
        {
            for (long k = 0; k < inner; k++)
            {
                TSum sum = TSum.Zero;
                long at = o * reduced * inner + k;
                for (long r = 0; r < reduced; r++, at += inner)
                {
                    sum += TSum.CreateTruncating(from[at]);
                    to[at] = T.CreateTruncating(sum);
                }
            }
        }
    }
}
