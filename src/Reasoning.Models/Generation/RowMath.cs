using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models;

/// <summary>
/// Vector loops over one row of a batch. Every result depends on the row's values and length only, in an order of operations
/// that is fixed here, so a row is the same to the bit wherever it stands in the batch.
/// </summary>
internal static unsafe class RowMath
{
    private const int Lanes = 16;

    /// <summary>Sum of squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float SumOfSquares(float* x, int n)
    {
        Vector512<float> a = default, b = default;
        int i = 0;
        for (; i + (2 * Lanes) <= n; i += 2 * Lanes)
        {
            var first = Vector512.Load(x + i);
            var second = Vector512.Load(x + i + Lanes);
            a = Vector512.FusedMultiplyAdd(first, first, a);
            b = Vector512.FusedMultiplyAdd(second, second, b);
        }

        float sum = Vector512.Sum(a + b);
        for (; i < n; i++)
            sum += x[i] * x[i];
        return sum;
    }

    /// <summary>output = x / sqrt(mean(x²) + epsilon) · weight (Zhang and Sennrich 2019, arXiv:1910.07467); may run in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RmsNorm(float* x, float* weight, int n, float epsilon, float* output)
    {
        float scale = 1 / MathF.Sqrt((SumOfSquares(x, n) / n) + epsilon);
        var scales = Vector512.Create(scale);
        int i = 0;
        for (; i + Lanes <= n; i += Lanes)
            (Vector512.Load(x + i) * scales * Vector512.Load(weight + i)).Store(output + i);
        for (; i < n; i++)
            output[i] = x[i] * scale * weight[i];
    }

    /// <summary>x += y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Add(float* x, float* y, int n)
    {
        int i = 0;
        for (; i + Lanes <= n; i += Lanes)
            (Vector512.Load(x + i) + Vector512.Load(y + i)).Store(x + i);
        for (; i < n; i++)
            x[i] += y[i];
    }

    /// <summary>gate = silu(gate) · up with silu(g) = g / (1 + exp(−g)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void SwiGlu(float* gate, float* up, int n)
    {
        int i = 0;
        for (; i + Lanes <= n; i += Lanes)
        {
            var g = Vector512.Load(gate + i);
            (g / (Vector512<float>.One + Vector512.Exp(-g)) * Vector512.Load(up + i)).Store(gate + i);
        }

        for (; i < n; i++)
            gate[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
    }

    /// <summary>gate = gelu(gate) · up with gelu(g) = g / (1 + exp(−z)), z = 2 √(2/π) (g + 0.044715 g³).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void GeGlu(float* gate, float* up, int n)
    {
        const float Linear = 1.5957691216f, Cubic = Linear * 0.044715f;
        int i = 0;
        for (; i + Lanes <= n; i += Lanes)
        {
            var g = Vector512.Load(gate + i);
            Vector512<float> z = g * (Vector512.Create(Linear) + (g * g * Vector512.Create(Cubic)));
            (g / (Vector512<float>.One + Vector512.Exp(-z)) * Vector512.Load(up + i)).Store(gate + i);
        }

        for (; i < n; i++)
        {
            float z = gate[i] * (Linear + (gate[i] * gate[i] * Cubic));
            gate[i] = gate[i] / (1 + MathF.Exp(-z)) * up[i];
        }
    }

    /// <summary>
    /// Rotates the pairs (x[i], x[i + half]) by the angles of one position and scales by <paramref name="factor"/>
    /// (Su et al. 2021, arXiv:2104.09864, in the half-split order of Hugging Face checkpoints).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Rotate(float* x, float* cos, float* sin, int half, float factor)
    {
        int i = 0;
        var factors = Vector512.Create(factor);
        for (; i + Lanes <= half; i += Lanes)
        {
            var first = Vector512.Load(x + i) * factors;
            var second = Vector512.Load(x + half + i) * factors;
            var c = Vector512.Load(cos + i);
            var s = Vector512.Load(sin + i);
            ((first * c) - (second * s)).Store(x + i);
            ((second * c) + (first * s)).Store(x + half + i);
        }

        for (; i < half; i++)
        {
            float first = x[i] * factor, second = x[half + i] * factor;
            x[i] = (first * cos[i]) - (second * sin[i]);
            x[half + i] = (second * cos[i]) + (first * sin[i]);
        }
    }

    /// <summary>x = exp(x − max(x)) for n a multiple of 16; returns the sum. Scores become softmax weights once divided by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float ExpSum(float* x, int n)
    {
        var max = Vector512.Load(x);
        for (int i = Lanes; i < n; i += Lanes)
            max = Vector512.Max(max, Vector512.Load(x + i));
        float largest = max[0];
        for (int lane = 1; lane < Lanes; lane++)
            largest = MathF.Max(largest, max[lane]);

        max = Vector512.Create(largest);
        Vector512<float> sum = default;
        for (int i = 0; i < n; i += Lanes)
        {
            Vector512<float> e = Vector512.Exp(Vector512.Load(x + i) - max);
            e.Store(x + i);
            sum += e;
        }

        return Vector512.Sum(sum);
    }
}
