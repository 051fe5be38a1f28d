using System.Numerics;
using System.Numerics.Tensors;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Softmax and its logarithm over contiguous rows, forward and backward.</summary>
internal static unsafe class SoftmaxRows
{
    private const long ParallelFrom = 32 * 1024;

    /// <summary>Rows of the last axis of a row-major tensor.</summary>
    internal static TensorImpl Forward(TensorImpl x, bool log)
    {
        TensorImpl y = TensorImpl.Allocate(x.Sizes, x.DType);
        if (x.Count == 0)
            return y;
        if (x.DType == ScalarType.Float32)
            Forward((float*)x.Data, (float*)y.Data, x.Count / x.Sizes[^1], (int)x.Sizes[^1], log);
        else
            Forward((double*)x.Data, (double*)y.Data, x.Count / x.Sizes[^1], (int)x.Sizes[^1], log);
        return y;
    }

    /// <summary>The gradient from the result and its gradient, both row-major.</summary>
    internal static TensorImpl Backward(TensorImpl g, TensorImpl y, bool log)
    {
        TensorImpl dx = TensorImpl.Allocate(y.Sizes, y.DType);
        if (y.Count == 0)
            return dx;
        if (y.DType == ScalarType.Float32)
            Backward((float*)g.Data, (float*)y.Data, (float*)dx.Data, y.Count / y.Sizes[^1], (int)y.Sizes[^1], log);
        else
            Backward((double*)g.Data, (double*)y.Data, (double*)dx.Data, y.Count / y.Sizes[^1], (int)y.Sizes[^1], log);
        return dx;
    }

    private static void Forward<T>(T* x, T* y, long rows, int n, bool log)
        where T : unmanaged, IFloatingPointIeee754<T> => ForRows(rows, n, i =>
        {
            var from = new ReadOnlySpan<T>(x + i * n, n);
            var to = new Span<T>(y + i * n, n);
            T max = TensorPrimitives.Max(from);
            TensorPrimitives.Subtract(from, max, to);
            if (T.IsNegativeInfinity(max))
                to.Fill(T.NaN);
            TensorPrimitives.Exp(to, to);
            T sum = Sum(to);
            if (!log)
            {
                TensorPrimitives.Divide(to, sum, to);
                return;
            }

            // in two steps: max + log(sum) would round away digits of the difference
            TensorPrimitives.Subtract(from, max, to);
            TensorPrimitives.Subtract(to, T.Log(sum), to);
        });

    private static void Backward<T>(T* g, T* y, T* dx, long rows, int n, bool log)
        where T : unmanaged, IFloatingPointIeee754<T> => ForRows(rows, n, i =>
        {
            var grad = new ReadOnlySpan<T>(g + i * n, n);
            var value = new ReadOnlySpan<T>(y + i * n, n);
            var to = new Span<T>(dx + i * n, n);
            if (log)
            {
                TensorPrimitives.Exp(value, to);
                TensorPrimitives.MultiplyAdd(to, -Sum(grad), grad, to);
                return;
            }

            TensorPrimitives.Subtract(grad, TensorPrimitives.Dot(grad, value), to);
            TensorPrimitives.Multiply(to, value, to);
        });

    private static T Sum<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) != typeof(float))
            return TensorPrimitives.Sum(x);
        fixed (T* p = x)
            return T.CreateTruncating(Sums.Wide((float*)p, x.Length));
    }

    private static void ForRows(long rows, int n, Action<long> body)
    {
        if (rows * n < ParallelFrom)
        {
            for (long i = 0; i < rows; i++)
                body(i);
            return;
        }

        long each = Math.Max(1, ParallelFrom / 4 / n);
        Workers.For((int)((rows + each - 1) / each), c =>
        {
            long end = Math.Min(rows, (c + 1) * each);
            for (long i = c * each; i < end; i++)
                body(i);
        });
    }
}
