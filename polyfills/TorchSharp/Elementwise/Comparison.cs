using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Relations of two tensors, as Boolean tensors.</summary>
internal static unsafe class Comparison
{
    internal static Tensor Relation<TRelation>(Tensor a, Tensor b, string name)
        where TRelation : struct, IRelation
    {
        ScalarType dtype = DTypes.Result(a, b);
        TensorImpl left = Copies.As(a.Impl, dtype), right = Copies.As(b.Impl, dtype);
        TensorImpl result = TensorImpl.Allocate(Shapes.Broadcast(left.Sizes, right.Sizes, name), ScalarType.Bool);
        Dispatch<TRelation>(dtype, result, Operand.Expand(left, result.Sizes), Operand.Expand(right, result.Sizes));
        left.Release();
        right.Release();
        return new Tensor(result);
    }

    internal static Tensor Relation<TRelation>(Tensor a, Scalar value)
        where TRelation : struct, IRelation
    {
        ScalarType dtype = DTypes.Result(a.dtype, value);
        TensorImpl left = Copies.As(a.Impl, dtype);
        TensorImpl result = TensorImpl.Allocate(left.Sizes, ScalarType.Bool);
        long bits = Fill.Bits(value, dtype);
        Dispatch<TRelation>(dtype, result, left, new Operand(&bits));
        left.Release();
        return new Tensor(result);
    }

    /// <summary>Whether two tensors have the same shape, type and elements.</summary>
    internal static bool AreEqual(Tensor a, Tensor b)
    {
        if (!a.Impl.Sizes.AsSpan().SequenceEqual(b.Impl.Sizes) || a.dtype != b.dtype)
            return false;
        using Arena arena = Arena.Open();
        using var mode = new GradMode(false);
        return a.eq(b).all().item<bool>();
    }

    private static void Dispatch<TRelation>(ScalarType dtype, Operand to, Operand a, Operand b)
        where TRelation : struct, IRelation
    {
        switch (dtype)
        {
            case ScalarType.Float32: Run<float, float, TRelation>(to, a, b); break;
            case ScalarType.Float64: Run<double, double, TRelation>(to, a, b); break;
            case ScalarType.Float16: Run<Half, float, TRelation>(to, a, b); break;
            case ScalarType.BFloat16: Run<BFloat16, float, TRelation>(to, a, b); break;
            case ScalarType.Int64: Run<long, long, TRelation>(to, a, b); break;
            case ScalarType.Int32: Run<int, int, TRelation>(to, a, b); break;
            case ScalarType.Int16: Run<short, short, TRelation>(to, a, b); break;
            case ScalarType.Int8: Run<sbyte, sbyte, TRelation>(to, a, b); break;
            default: Run<byte, byte, TRelation>(to, a, b); break;
        }
    }

    private static void Run<TStore, T, TRelation>(Operand to, Operand a, Operand b)
        where TStore : unmanaged
        where T : unmanaged, INumber<T>
        where TRelation : struct, IRelation =>
        Strided.For(new RelationRow<TStore, T, TRelation>(), to, a, b);
}
