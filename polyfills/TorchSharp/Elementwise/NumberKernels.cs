using System.Numerics;
using System.Numerics.Tensors;

namespace TorchSharp;

internal readonly struct NegateKernel : INumberUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Negate(x, y);
}

internal readonly struct AbsKernel : INumberUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Abs(x, y);
}

internal readonly struct SquareKernel : INumberUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Multiply(x, x, y);
}

internal readonly struct ReluKernel : INumberUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Max(x, T.Zero, y);
}

/// <summary>−1, 0 or 1; 0 for not-a-number.</summary>
internal readonly struct SignKernel : INumberUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = x[i] > T.Zero ? T.One : x[i] < T.Zero ? -T.One : T.Zero;
    }
}
