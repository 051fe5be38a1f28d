using System.Numerics;

namespace TorchSharp;

/// <summary>Powers, computed in float64; whole numbers by repeated multiplication.</summary>
internal readonly struct PowKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < a.Length; i++)
            y[i] = Power(a[i], b[i]);
    }

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < a.Length; i++)
            y[i] = Power(a[i], b);
    }

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < b.Length; i++)
            y[i] = Power(a, b[i]);
    }

    private static T Power<T>(T x, T exponent)
        where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            return T.CreateTruncating(Math.Pow(double.CreateTruncating(x), double.CreateTruncating(exponent)));
        if (T.IsNegative(exponent))
        {
            // only ±1 have whole negative powers
            bool odd = T.IsOddInteger(exponent);
            return x == T.One ? T.One : x == -T.One ? (odd ? -T.One : T.One) : T.Zero;
        }

        T result = T.One;
        for (long e = long.CreateTruncating(exponent); e > 0; e >>= 1)
        {
            if ((e & 1) != 0)
                result *= x;
            x *= x;
        }

        return result;
    }
}

/// <summary>Remainder with the sign of the divisor.</summary>
internal readonly struct RemainderKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < a.Length; i++)
            y[i] = Remainder(a[i], b[i]);
    }

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < a.Length; i++)
            y[i] = Remainder(a[i], b);
    }

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < b.Length; i++)
            y[i] = Remainder(a, b[i]);
    }

    private static T Remainder<T>(T a, T b)
        where T : unmanaged, INumber<T>
    {
        T r = a % b;
        return r != T.Zero && T.IsNegative(r) != T.IsNegative(b) ? r + b : r;
    }
}
