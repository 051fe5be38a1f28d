using System.Numerics;
using System.Numerics.Tensors;

namespace TorchSharp;

internal readonly struct AddKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Add(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Add(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Add(b, a, y);
}

internal readonly struct SubtractKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Subtract(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Subtract(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Subtract(a, b, y);
}

internal readonly struct MultiplyKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Multiply(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Multiply(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Multiply(b, a, y);
}

internal readonly struct DivideKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Divide(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Divide(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Divide(a, b, y);
}

/// <summary>The larger of two; not a number if either is.</summary>
internal readonly struct MaximumKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Max(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Max(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Max(b, a, y);
}

/// <summary>The smaller of two; not a number if either is.</summary>
internal readonly struct MinimumKernel : INumberBinary
{
    public static void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Min(a, b, y);

    public static void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Min(a, b, y);

    public static void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T> => TensorPrimitives.Min(b, a, y);
}

internal readonly struct EqualRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a == b;
}

internal readonly struct NotEqualRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a != b;
}

internal readonly struct LessRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a < b;
}

internal readonly struct LessOrEqualRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a <= b;
}

internal readonly struct GreaterRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a > b;
}

internal readonly struct GreaterOrEqualRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a >= b;
}

internal readonly struct AndRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a != T.Zero && b != T.Zero;
}

internal readonly struct OrRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => a != T.Zero || b != T.Zero;
}

internal readonly struct XorRelation : IRelation
{
    public static bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T> => (a != T.Zero) != (b != T.Zero);
}
