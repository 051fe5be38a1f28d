using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Vector loops shared by the fused functions. Results depend on the values and their number only, never on the address, so that a
/// run can be repeated bit for bit (the reductions of TensorPrimitives align themselves to addresses).
/// </summary>
internal static unsafe class Simd
{
    /// <summary>Floats in the vectors used here. 256 bits suit every x64 machine of the last decade.</summary>
    internal const int Lanes = 8;

    /// <summary>
    /// e^x with a relative error of 1e-7: x = n ln 2 + r, a polynomial for e^r, and n as an exponent. Below −80 the result is zero, so
    /// that probabilities and their products do not become denormal, which is slow; above 88 it is e^88. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> vanishes = Vector256.LessThan(x, Vector256.Create(-80f));
        // The native minimum returns its second operand where either is NaN.
        x = Vector256.MinNative(Vector256.Create(88f), x);
        Vector256<float> n = Vector256.Round(x * Vector256.Create(1.44269504f));
        // ln 2 in two parts, the first short enough for its product with n to be exact.
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693145752f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-1.42860677e-6f), r);
        Vector256<float> p = Vector256.Create(1f / 5040);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 720));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 120));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 24));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1f / 6));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.5f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        Vector256<int> exponent = Vector256.ConvertToInt32Native(n) + Vector256.Create(127);
        return Vector256.AndNot(p * Vector256.ShiftLeft(exponent, 23).AsSingle(), vanishes);
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    /// <summary>1 / (1 + e^−x).</summary>
    internal static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    /// <summary>The largest element; undefined if one is NaN.</summary>
    internal static float Max(float* x, int n)
    {
        float largest = x[0];
        int i = 0;
        if (n >= Lanes)
        {
            var lanes = Vector256.Load(x);
            for (i = Lanes; i <= n - Lanes; i += Lanes)
                lanes = Vector256.MaxNative(lanes, Vector256.Load(x + i));
            Vector128<float> four = Vector128.MaxNative(lanes.GetLower(), lanes.GetUpper());
            four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            largest = MathF.Max(four[0], four[1]);
        }

        for (; i < n; i++)
            largest = MathF.Max(largest, x[i]);
        return largest;
    }

    /// <summary>Σ a b.</summary>
    internal static float Dot(float* a, float* b, int n)
    {
        Vector256<float> even = default, odd = default;
        int i = 0;
        for (; i <= n - (2 * Lanes); i += 2 * Lanes)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), even);
            odd = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + Lanes), Vector256.Load(b + i + Lanes), odd);
        }

        float sum = Vector256.Sum(even + odd);
        for (; i < n; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>y += x.</summary>
    internal static void Add(float* x, float* y, int n)
    {
        int i = 0;
        for (; i <= n - Lanes; i += Lanes)
            (Vector256.Load(y + i) + Vector256.Load(x + i)).Store(y + i);
        for (; i < n; i++)
            y[i] += x[i];
    }

    /// <summary>y = x · factor; y may be x.</summary>
    internal static void Scale(float* x, float factor, float* y, int n)
    {
        var factors = Vector256.Create(factor);
        int i = 0;
        for (; i <= n - Lanes; i += Lanes)
            (Vector256.Load(x + i) * factors).Store(y + i);
        for (; i < n; i++)
            y[i] = x[i] * factor;
    }
}
