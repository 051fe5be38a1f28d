using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Tensors of one value.</summary>
internal static unsafe class Fill
{
    internal static Tensor Full(long[] sizes, Scalar value, ScalarType dtype)
    {
        TensorImpl impl = TensorImpl.Allocate(sizes, dtype);
        Into(impl, value);
        return new Tensor(impl);
    }

    internal static Tensor Zeros(long[] sizes, ScalarType dtype)
    {
        TensorImpl impl = TensorImpl.Allocate(sizes, dtype);
        Zero(impl);
        return new Tensor(impl);
    }

    internal static void Zero(TensorImpl impl)
    {
        if (impl.IsContiguous)
            new Bytes(impl).Clear();
        else
            Into(impl, 0);
    }

    internal static void Into(TensorImpl impl, Scalar value)
    {
        long bits = Bits(value, impl.DType);
        switch (impl.ItemSize)
        {
            case 1: Strided.For(new CopyRow<byte>(), impl, new Operand(&bits)); break;
            case 2: Strided.For(new CopyRow<ushort>(), impl, new Operand(&bits)); break;
            case 4: Strided.For(new CopyRow<uint>(), impl, new Operand(&bits)); break;
            default: Strided.For(new CopyRow<ulong>(), impl, new Operand(&bits)); break;
        }
    }

    /// <summary>The bit pattern of a number in the given type, in the low bytes.</summary>
    internal static long Bits(Scalar value, ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => BitConverter.SingleToUInt32Bits((float)value.Double),
        ScalarType.Float64 => BitConverter.DoubleToInt64Bits(value.Double),
        ScalarType.Float16 => BitConverter.HalfToUInt16Bits((Half)value.Double),
        ScalarType.BFloat16 => new BFloat16((float)value.Double).Bits,
        ScalarType.Bool => value.IsTrue ? 1 : 0,
        _ => value.Long,
    };

    /// <summary>Memory of a contiguous tensor in pieces that a span can hold.</summary>
    private readonly struct Bytes(TensorImpl impl)
    {
        internal void Clear()
        {
            byte* p = impl.Data;
            for (long rest = impl.Count * impl.ItemSize; rest > 0;)
            {
                int n = (int)Math.Min(rest, 1 << 30);
                new Span<byte>(p, n).Clear();
                p += n;
                rest -= n;
            }
        }
    }
}
