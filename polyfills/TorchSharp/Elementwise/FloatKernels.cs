using System.Numerics;
using System.Numerics.Tensors;

namespace TorchSharp;

internal readonly struct ExpKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Exp(x, y);
}

internal readonly struct Exp2Kernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Exp2(x, y);
}

internal readonly struct ExpM1Kernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = T.CreateTruncating(SpecialFunctions.ExpM1(double.CreateTruncating(x[i])));
    }
}

internal readonly struct LogKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Log(x, y);
}

internal readonly struct Log2Kernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Log2(x, y);
}

internal readonly struct Log10Kernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Log10(x, y);
}

internal readonly struct Log1PKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = T.CreateTruncating(SpecialFunctions.Log1P(double.CreateTruncating(x[i])));
    }
}

internal readonly struct SqrtKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Sqrt(x, y);
}

internal readonly struct RsqrtKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TensorPrimitives.Sqrt(x, y);
        TensorPrimitives.Divide(T.One, y, y);
    }
}

internal readonly struct ReciprocalKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Divide(T.One, x, y);
}

internal readonly struct SigmoidKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Sigmoid(x, y);
}

internal readonly struct TanhKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Tanh(x, y);
}

internal readonly struct SinKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Sin(x, y);
}

internal readonly struct CosKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Cos(x, y);
}

/// <summary>Error function.</summary>
internal readonly struct ErfKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = T.CreateTruncating(SpecialFunctions.Erf(double.CreateTruncating(x[i])));
    }
}

internal readonly struct FloorKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Floor(x, y);
}

internal readonly struct CeilingKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Ceiling(x, y);
}

internal readonly struct TruncateKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Truncate(x, y);
}

/// <summary>To the nearest whole number, ties to even.</summary>
internal readonly struct RoundKernel : IFloatUnary
{
    public static void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T> => TensorPrimitives.Round(x, y);
}
