using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <summary>What one update multiplies with.</summary>
/// <param name="Scale">Gradients are multiplied by it.</param>
/// <param name="Keep">AdamW: what the decay leaves of a parameter. SGD: the decay itself.</param>
/// <param name="Beta1">Memory of the first moment, or of the direction.</param>
/// <param name="Beta2">Memory of the second moment.</param>
/// <param name="Root">Corrects the root of the second moment while it is young.</param>
/// <param name="Size">The rate, for AdamW corrected for the youth of the first moment.</param>
internal readonly record struct UpdateFactors(double Scale, double Keep, double Beta1, double Beta2, double Root, double Size)
{
    internal const double Epsilon = 1e-8;
}

/// <summary>The formulas of <c>Optimizer</c> on a strip of float32 memory: each number is read and written once.</summary>
internal static unsafe class UpdateKernels
{
    /// <summary>Σ g²; sums of a thousand squares are added in float64, so that a long strip loses nothing.</summary>
    internal static double SumOfSquares(float* g, int n)
    {
        const int Few = 1024;
        double sum = 0;
        for (int i = 0; i < n; i += Few) sum += Simd.Dot(g + i, g + i, Math.Min(Few, n - i));
        return sum;
    }

    /// <returns>Whether all new parameters are finite.</returns>
    internal static bool AdamW(float* p, float* g, float* m, float* v, int n, in UpdateFactors factors)
    {
        Vector256<float> scale = Of(factors.Scale), keep = Of(factors.Keep), beta1 = Of(factors.Beta1), beta2 = Of(factors.Beta2);
        Vector256<float> rest1 = Of(1 - factors.Beta1), rest2 = Of(1 - factors.Beta2), root = Of(factors.Root), size = Of(factors.Size);
        Vector256<float> epsilon = Of(UpdateFactors.Epsilon), wrong = default;
        for (int i = 0; i < n; i += Simd.Lanes)
        {
            int count = n - i;
            Vector256<float> gradient = Load(g + i, count) * scale;
            Vector256<float> first = Vector256.FusedMultiplyAdd(rest1, gradient, Load(m + i, count) * beta1);
            Vector256<float> second = Vector256.FusedMultiplyAdd(rest2 * gradient, gradient, Load(v + i, count) * beta2);
            Vector256<float> result = (Load(p + i, count) * keep) - (size * first / ((Vector256.Sqrt(second) / root) + epsilon));
            wrong += result - result; // zero for what is finite, else not a number
            Store(first, m + i, count);
            Store(second, v + i, count);
            Store(result, p + i, count);
        }

        return wrong == default;
    }

    /// <inheritdoc cref="AdamW"/>
    internal static bool Sgd(float* p, float* g, float* m, int n, in UpdateFactors factors)
    {
        Vector256<float> scale = Of(factors.Scale), decay = Of(factors.Keep), momentum = Of(factors.Beta1), size = Of(factors.Size);
        Vector256<float> wrong = default;
        for (int i = 0; i < n; i += Simd.Lanes)
        {
            int count = n - i;
            Vector256<float> value = Load(p + i, count);
            Vector256<float> direction = (Load(m + i, count) * momentum) + (Load(g + i, count) * scale) + (value * decay);
            Vector256<float> result = value - (size * direction);
            wrong += result - result;
            Store(direction, m + i, count);
            Store(result, p + i, count);
        }

        return wrong == default;
    }

    private static Vector256<float> Of(double value) => Vector256.Create((float)value);

    /// <summary>The next elements; zeros behind the last <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* x, int count) => count >= Simd.Lanes ? Vector256.Load(x) : LoadFew(x, count);

    private static Vector256<float> LoadFew(float* x, int count)
    {
        Vector256<float> few = default;
        for (int i = 0; i < count; i++) few = few.WithElement(i, x[i]);
        return few;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> values, float* x, int count)
    {
        if (count >= Simd.Lanes) values.Store(x);
        else StoreFew(values, x, count);
    }

    private static void StoreFew(Vector256<float> values, float* x, int count)
    {
        for (int i = 0; i < count; i++) x[i] = values[i];
    }
}
