using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Matrix products of strided tensors: transposed operands are read in place. Nothing here is recorded.</summary>
internal static unsafe class Products
{
    internal static void Check(Tensor a, Tensor b, string call, bool shapesFit)
    {
        if (!shapesFit)
            Errors.Throw($"{call}: shapes {Errors.Text(a.Impl.Sizes)} and {Errors.Text(b.Impl.Sizes)} cannot be multiplied.");
        if (a.dtype != b.dtype)
            Errors.Throw($"{call}: both operands must have one type, not {a.dtype} and {b.dtype}.");
        if (!is_floating_point(a.dtype))
            throw Errors.Unsupported(call, $"products of {a.dtype} are not part of the embedded backend; convert to float32 or float64.");
    }

    internal static Tensor Multiply(Tensor a, Tensor b)
    {
        if (DTypes.IsReduced(a.dtype))
            return Widened(a, b, static (x, y) => Multiply(x, y));
        TensorImpl result = TensorImpl.Allocate([a.Impl.Sizes[0], b.Impl.Sizes[1]], a.dtype);
        MultiplyInto(result, a.Impl, b.Impl, accumulate: false);
        return new Tensor(result);
    }

    /// <summary>target += a · b inside the kernel; false if type, shape or layout of the target do not allow it.</summary>
    internal static bool TryAddProduct(Tensor target, Tensor a, Tensor b)
    {
        TensorImpl t = target.Impl;
        if (a.ndim != 2 || b.ndim != 2 || a.Impl.Sizes[1] != b.Impl.Sizes[0] || a.dtype != b.dtype || a.dtype != t.DType)
            return false;
        if (t.DType is not (ScalarType.Float32 or ScalarType.Float64) || t.Rank != 2 || t.Strides[1] != 1 || t.Strides[0] < t.Sizes[1])
            return false;
        if (t.Sizes[0] != a.Impl.Sizes[0] || t.Sizes[1] != b.Impl.Sizes[1])
            return false;
        if (ReferenceEquals(t.Storage, a.Impl.Storage) || ReferenceEquals(t.Storage, b.Impl.Storage))
            return false;
        MultiplyInto(t, a.Impl, b.Impl, accumulate: true);
        return true;
    }

    private static void MultiplyInto(TensorImpl result, TensorImpl a, TensorImpl b, bool accumulate)
    {
        Matrix left = Matrix.Of(a), right = Matrix.Of(b);
        int n = checked((int)left.Rows), m = checked((int)right.Columns), k = checked((int)left.Columns);
        int stride = checked((int)Math.Max(1, result.Strides[0]));
        if (result.DType == ScalarType.Float32)
        {
            Gemm.Run(
                left.Transposed, right.Transposed, n, m, k, (float*)left.Data, left.Stride, (float*)right.Data, right.Stride,
                (float*)result.Data, stride, accumulate);
        }
        else
        {
            Gemm.Run(
                left.Transposed, right.Transposed, n, m, k, (double*)left.Data, left.Stride, (double*)right.Data, right.Stride,
                (double*)result.Data, stride, accumulate);
        }

        left.Release();
        right.Release();
    }

    internal static Tensor MultiplyBatches(Tensor a, Tensor b)
    {
        if (DTypes.IsReduced(a.dtype))
            return Widened(a, b, static (x, y) => MultiplyBatches(x, y));
        Matrix left = Matrix.Of(a.Impl), right = Matrix.Of(b.Impl);
        long batch = a.Impl.Sizes[0];
        TensorImpl result = TensorImpl.Allocate([batch, left.Rows, right.Columns], a.dtype);
        int n = checked((int)left.Rows), m = checked((int)right.Columns), k = checked((int)left.Columns);
        if (a.dtype == ScalarType.Float32)
        {
            Gemm.Batched(
                left.Transposed, right.Transposed, (int)batch, n, m, k, (float*)left.Data, left.Stride, left.BatchStride,
                (float*)right.Data, right.Stride, right.BatchStride, (float*)result.Data, m, (long)n * m, false);
        }
        else
        {
            Gemm.Batched(
                left.Transposed, right.Transposed, (int)batch, n, m, k, (double*)left.Data, left.Stride, left.BatchStride,
                (double*)right.Data, right.Stride, right.BatchStride, (double*)result.Data, m, (long)n * m, false);
        }

        left.Release();
        right.Release();
        return new Tensor(result);
    }

    private static Tensor Widened(Tensor a, Tensor b, Func<Tensor, Tensor, Tensor> product)
    {
        using Arena arena = Arena.Open();
        using var mode = new GradMode(false);
        return arena.Keep(product(a.to_type(ScalarType.Float32), b.to_type(ScalarType.Float32)).to_type(a.dtype));
    }

    /// <summary>The last two axes of a tensor as a matrix that the kernel can read: unit stride along rows or columns.</summary>
    private readonly struct Matrix
    {
        private readonly TensorImpl _held;

        private Matrix(TensorImpl held, bool transposed, long stride)
        {
            _held = held;
            Rows = held.Sizes[^2];
            Columns = held.Sizes[^1];
            Transposed = transposed;
            Stride = checked((int)Math.Max(stride, 1));
            BatchStride = held.Rank == 3 ? held.Strides[0] : 0;
        }

        internal byte* Data => _held.Data;

        internal long Rows { get; }

        internal long Columns { get; }

        internal bool Transposed { get; }

        internal int Stride { get; }

        internal long BatchStride { get; }

        internal static Matrix Of(TensorImpl t)
        {
            long rows = t.Sizes[^2], columns = t.Sizes[^1], rowStride = t.Strides[^2], columnStride = t.Strides[^1];
            if ((columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1) && (columns > 1 || rowStride > 0))
                return new Matrix(t.Hold(), false, rows == 1 ? columns : rowStride);
            if ((rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1) && (rows > 1 || columnStride > 0))
                return new Matrix(t.Hold(), true, columns == 1 ? rows : columnStride);
            TensorImpl copy = Copies.Contiguous(t);
            return new Matrix(copy, false, columns);
        }

        internal void Release() => _held.Release();
    }
}
