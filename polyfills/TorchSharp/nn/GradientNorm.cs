using System.Numerics;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Norm of many tensors as one vector, summed in float64 over fixed chunks in a fixed order: the same number whatever the
/// thread count.
/// </summary>
internal static unsafe class GradientNorm
{
    private const int Chunk = 1 << 16;

    internal static double Of(IReadOnlyList<Tensor> grads, double p)
    {
        if (grads.Count == 0)
            return 0;
        if (double.IsPositiveInfinity(p))
            return Largest(grads);
        double sum = 0;
        foreach (Tensor grad in grads)
            sum += p == 2 ? SumOfSquares(grad) : SumOfPowers(grad, p);
        return p == 2 ? Math.Sqrt(sum) : Math.Pow(sum, 1 / p);
    }

    private static double Largest(IReadOnlyList<Tensor> grads)
    {
        double largest = 0;
        foreach (Tensor grad in grads)
        {
            using Tensor magnitude = grad.abs();
            using Tensor max = magnitude.max();
            double value = max.ToDouble();
            if (double.IsNaN(value) || value > largest) // once NaN, always NaN: nothing is greater
                largest = value;
        }

        return largest;
    }

    private static double SumOfPowers(Tensor grad, double p)
    {
        using Tensor exact = grad.to(ScalarType.Float64);
        using Tensor magnitude = exact.abs();
        using Tensor powers = magnitude.pow(p);
        using Tensor sum = powers.sum();
        return sum.ToDouble();
    }

    private static double SumOfSquares(Tensor grad)
    {
        if (grad.dtype != ScalarType.Float32 || !grad.is_contiguous())
        {
            using Tensor exact = grad.to(ScalarType.Float64);
            using Tensor squares = exact.square();
            using Tensor total = squares.sum();
            return total.ToDouble();
        }

        float* data = (float*)grad.Impl.Data;
        long count = grad.numel();
        var partial = new double[(int)((count + Chunk - 1) / Chunk)];
        Workers.For(partial.Length, chunk =>
        {
            long start = (long)chunk * Chunk;
            partial[chunk] = SumOfSquares(data + start, (int)Math.Min(Chunk, count - start));
        });
        GC.KeepAlive(grad);
        double sum = 0;
        foreach (double part in partial)
            sum += part;
        return sum;
    }

    private static double SumOfSquares(float* data, int count)
    {
        Vector<double> low = Vector<double>.Zero;
        Vector<double> high = Vector<double>.Zero;
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.Load(data + i), out Vector<double> a, out Vector<double> b);
            low += a * a;
            high += b * b;
        }

        double sum = Vector.Sum(low + high);
        for (; i < count; i++)
            sum += (double)data[i] * data[i];
        return sum;
    }
}
