using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Element-wise operations on raw memory: shapes, types, output memory, dispatch. Nothing here is recorded.</summary>
internal static unsafe class Pointwise
{
    /// <summary>f(x) in a floating point type; integers are converted to the default type.</summary>
    internal static Tensor Float<TKernel>(Tensor x)
        where TKernel : struct, IFloatUnary
    {
        TensorImpl source = x.Impl;
        TensorImpl input = Copies.As(source, DTypes.IsFloat(source.DType) ? source.DType : get_default_dtype());
        TensorImpl result = TensorImpl.AllocateLike(input, input.DType);
        FloatInto<TKernel>(result, input);
        input.Release();
        return new Tensor(result);
    }

    internal static void FloatInto<TKernel>(TensorImpl result, TensorImpl input)
        where TKernel : struct, IFloatUnary
    {
        (Operand to, Operand from) = Flat(result, input);
        switch (input.DType)
        {
            case ScalarType.Float32: Strided.For(new FloatUnaryRow<float, float, TKernel>(), to, from); break;
            case ScalarType.Float64: Strided.For(new FloatUnaryRow<double, double, TKernel>(), to, from); break;
            case ScalarType.Float16: Strided.For(new FloatUnaryRow<Half, float, TKernel>(), to, from); break;
            default: Strided.For(new FloatUnaryRow<BFloat16, float, TKernel>(), to, from); break;
        }
    }

    /// <summary>f(x) in the type of x.</summary>
    internal static Tensor Number<TKernel>(Tensor x)
        where TKernel : struct, INumberUnary
    {
        TensorImpl result = TensorImpl.AllocateLike(x.Impl, x.Impl.DType);
        NumberInto<TKernel>(result, x.Impl);
        return new Tensor(result);
    }

    internal static void NumberInto<TKernel>(TensorImpl result, TensorImpl input)
        where TKernel : struct, INumberUnary
    {
        (Operand to, Operand from) = Flat(result, input);
        switch (input.DType)
        {
            case ScalarType.Float32: Strided.For(new NumberUnaryRow<float, float, TKernel>(), to, from); break;
            case ScalarType.Float64: Strided.For(new NumberUnaryRow<double, double, TKernel>(), to, from); break;
            case ScalarType.Float16: Strided.For(new NumberUnaryRow<Half, float, TKernel>(), to, from); break;
            case ScalarType.BFloat16: Strided.For(new NumberUnaryRow<BFloat16, float, TKernel>(), to, from); break;
            case ScalarType.Int64: Strided.For(new NumberUnaryRow<long, long, TKernel>(), to, from); break;
            case ScalarType.Int32: Strided.For(new NumberUnaryRow<int, int, TKernel>(), to, from); break;
            case ScalarType.Int16: Strided.For(new NumberUnaryRow<short, short, TKernel>(), to, from); break;
            case ScalarType.Int8: Strided.For(new NumberUnaryRow<sbyte, sbyte, TKernel>(), to, from); break;
            default: Strided.For(new NumberUnaryRow<byte, byte, TKernel>(), to, from); break;
        }
    }

    /// <summary>f(a, b), broadcast, in the promoted type (or at least a floating point type).</summary>
    internal static Tensor Binary<TKernel>(Tensor a, Tensor b, string name, bool toFloat = false)
        where TKernel : struct, INumberBinary
    {
        ScalarType dtype = DTypes.Result(a, b);
        if (toFloat && !DTypes.IsFloat(dtype))
            dtype = get_default_dtype();
        TensorImpl left = Copies.As(a.Impl, dtype), right = Copies.As(b.Impl, dtype);
        TensorImpl result = AllocateFor(left, right, dtype, name);
        BinaryInto<TKernel>(result, left, right);
        left.Release();
        right.Release();
        return new Tensor(result);
    }

    /// <summary>f(x, value) or, reversed, f(value, x).</summary>
    internal static Tensor BinaryScalar<TKernel>(Tensor x, Scalar value, bool reversed = false, bool toFloat = false)
        where TKernel : struct, INumberBinary
    {
        ScalarType dtype = DTypes.Result(x.dtype, value);
        if (toFloat && !DTypes.IsFloat(dtype))
            dtype = get_default_dtype();
        TensorImpl input = Copies.As(x.Impl, dtype);
        TensorImpl result = TensorImpl.AllocateLike(input, dtype);
        ScalarInto<TKernel>(result, input, value, reversed);
        input.Release();
        return new Tensor(result);
    }

    internal static void ScalarInto<TKernel>(TensorImpl result, TensorImpl input, Scalar value, bool reversed = false)
        where TKernel : struct, INumberBinary
    {
        long bits = Fill.Bits(value, input.DType);
        var scalar = new Operand(&bits);
        (Operand to, Operand from) = Flat(result, input);
        Dispatch<TKernel>(input.DType, to, reversed ? scalar : from, reversed ? from : scalar);
    }

    internal static void BinaryInto<TKernel>(TensorImpl result, TensorImpl left, TensorImpl right)
        where TKernel : struct, INumberBinary
    {
        if (!result.IsContiguous && SameDense(result, left) && SameDense(result, right))
        {
            long[] flat = [result.Count], one = [1];
            Dispatch<TKernel>(result.DType, new Operand(result, flat, one), new Operand(left, flat, one), new Operand(right, flat, one));
            return;
        }

        Dispatch<TKernel>(result.DType, result, Operand.Expand(left, result.Sizes), Operand.Expand(right, result.Sizes));
    }

    /// <summary>target += addend, broadcast; types may differ.</summary>
    internal static void AddInto(Tensor target, Tensor addend)
    {
        TensorImpl right = Copies.As(addend.Impl, target.dtype);
        BinaryInto<AddKernel>(target.Impl, target.Impl, right);
        target.Impl.Storage.BumpVersion();
        right.Release();
    }

    internal static TensorImpl AllocateFor(TensorImpl a, TensorImpl b, ScalarType dtype, string name)
    {
        long[] sizes = Shapes.Broadcast(a.Sizes, b.Sizes, name);
        if (!a.IsContiguous && ReferenceOrEqual(a.Sizes, sizes) && (b.Count == 1 || SameDense(a, b)))
            return TensorImpl.AllocateLike(a, dtype);
        return TensorImpl.Allocate(sizes, dtype);
    }

    /// <summary>Operands as single rows if both fill their memory in the same order.</summary>
    internal static (Operand To, Operand From) Flat(TensorImpl result, TensorImpl input)
    {
        if (result.IsContiguous || !SameDense(result, input))
            return (result, Operand.Expand(input, result.Sizes));
        long[] flat = [result.Count], one = [1];
        return (new Operand(result, flat, one), new Operand(input, flat, one));
    }

    internal static bool SameDense(TensorImpl a, TensorImpl b) =>
        ReferenceOrEqual(a.Sizes, b.Sizes) && ReferenceOrEqual(a.Strides, b.Strides) && Shapes.IsDense(a.Sizes, a.Strides);

    private static bool ReferenceOrEqual(long[] a, long[] b) => ReferenceEquals(a, b) || a.AsSpan().SequenceEqual(b);

    private static void Dispatch<TKernel>(ScalarType dtype, Operand to, Operand a, Operand b)
        where TKernel : struct, INumberBinary
    {
        switch (dtype)
        {
            case ScalarType.Float32: Strided.For(new NumberBinaryRow<float, float, TKernel>(), to, a, b); break;
            case ScalarType.Float64: Strided.For(new NumberBinaryRow<double, double, TKernel>(), to, a, b); break;
            case ScalarType.Float16: Strided.For(new NumberBinaryRow<Half, float, TKernel>(), to, a, b); break;
            case ScalarType.BFloat16: Strided.For(new NumberBinaryRow<BFloat16, float, TKernel>(), to, a, b); break;
            case ScalarType.Int64: Strided.For(new NumberBinaryRow<long, long, TKernel>(), to, a, b); break;
            case ScalarType.Int32: Strided.For(new NumberBinaryRow<int, int, TKernel>(), to, a, b); break;
            case ScalarType.Int16: Strided.For(new NumberBinaryRow<short, short, TKernel>(), to, a, b); break;
            case ScalarType.Int8: Strided.For(new NumberBinaryRow<sbyte, sbyte, TKernel>(), to, a, b); break;
            default: Strided.For(new NumberBinaryRow<byte, byte, TKernel>(), to, a, b); break;
        }
    }
}
