using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Copies with broadcasting, any strides and change of type. Nothing here is recorded.</summary>
internal static class Copies
{
    /// <summary>A copy with its own memory, in the axis order of the source or row-major.</summary>
    internal static Tensor Clone(Tensor source, bool contiguous)
    {
        TensorImpl from = source.Impl;
        TensorImpl to = contiguous ? TensorImpl.Allocate(from.Sizes, from.DType) : TensorImpl.AllocateLike(from, from.DType);
        Into(to, from);
        return new Tensor(to);
    }

    /// <summary>The tensor itself held once more, or a row-major copy; the caller releases it.</summary>
    internal static TensorImpl Contiguous(TensorImpl source)
    {
        if (source.IsContiguous)
            return source.Hold();
        TensorImpl copy = TensorImpl.Allocate(source.Sizes, source.DType);
        Into(copy, source);
        return copy;
    }

    /// <summary>As <see cref="Contiguous"/>, in another type.</summary>
    internal static TensorImpl ContiguousAs(TensorImpl source, ScalarType dtype)
    {
        if (source.DType == dtype)
            return Contiguous(source);
        TensorImpl copy = TensorImpl.Allocate(source.Sizes, dtype);
        Into(copy, source);
        return copy;
    }

    /// <summary>The tensor itself held once more, or a copy in another type; the caller releases it.</summary>
    internal static TensorImpl As(TensorImpl source, ScalarType dtype)
    {
        if (source.DType == dtype)
            return source.Hold();
        TensorImpl copy = TensorImpl.AllocateLike(source, dtype);
        Into(copy, source);
        return copy;
    }

    internal static void Into(TensorImpl target, TensorImpl source)
    {
        Operand to = target, from = Operand.Expand(source, target.Sizes);
        if (target.DType != source.DType)
        {
            Convert(to, target.DType, from, source.DType);
            return;
        }

        // equal dense layouts are one block of memory, whatever the order of axes
        if (!target.IsContiguous && target.Count == source.Count && target.Strides.AsSpan().SequenceEqual(source.Strides) &&
            target.Sizes.AsSpan().SequenceEqual(source.Sizes) && Shapes.IsDense(target.Sizes, target.Strides))
        {
            long[] flat = [target.Count], one = [1];
            to = new Operand(target, flat, one);
            from = new Operand(source, flat, one);
        }

        if (target.IsContiguous && !source.IsContiguous && Transposition.TryCopy(target, source))
            return;
        switch (target.ItemSize)
        {
            case 1: Strided.For(new CopyRow<byte>(), to, from); break;
            case 2: Strided.For(new CopyRow<ushort>(), to, from); break;
            case 4: Strided.For(new CopyRow<uint>(), to, from); break;
            default: Strided.For(new CopyRow<ulong>(), to, from); break;
        }
    }

    private static void Convert(Operand to, ScalarType target, Operand from, ScalarType source)
    {
        switch (source)
        {
            case ScalarType.Float32: From<float, float>(to, target, from); break;
            case ScalarType.Float64: From<double, double>(to, target, from); break;
            case ScalarType.Float16: From<Half, float>(to, target, from); break;
            case ScalarType.BFloat16: From<BFloat16, float>(to, target, from); break;
            case ScalarType.Int64: From<long, long>(to, target, from); break;
            case ScalarType.Int32: From<int, int>(to, target, from); break;
            case ScalarType.Int16: From<short, short>(to, target, from); break;
            case ScalarType.Int8: From<sbyte, sbyte>(to, target, from); break;
            default: From<byte, byte>(to, target, from); break;
        }
    }

    private static void From<TLoad, T>(Operand to, ScalarType target, Operand from)
        where TLoad : unmanaged
        where T : unmanaged, INumber<T>
    {
        switch (target)
        {
            case ScalarType.Float32: Strided.For(new ConvertRow<TLoad, T, float, float>(false), to, from); break;
            case ScalarType.Float64: Strided.For(new ConvertRow<TLoad, T, double, double>(false), to, from); break;
            case ScalarType.Float16: Strided.For(new ConvertRow<TLoad, T, float, Half>(false), to, from); break;
            case ScalarType.BFloat16: Strided.For(new ConvertRow<TLoad, T, float, BFloat16>(false), to, from); break;
            case ScalarType.Int64: Strided.For(new ConvertRow<TLoad, T, long, long>(false), to, from); break;
            case ScalarType.Int32: Strided.For(new ConvertRow<TLoad, T, int, int>(false), to, from); break;
            case ScalarType.Int16: Strided.For(new ConvertRow<TLoad, T, short, short>(false), to, from); break;
            case ScalarType.Int8: Strided.For(new ConvertRow<TLoad, T, sbyte, sbyte>(false), to, from); break;
            default: Strided.For(new ConvertRow<TLoad, T, byte, byte>(target == ScalarType.Bool), to, from); break;
        }
    }
}
