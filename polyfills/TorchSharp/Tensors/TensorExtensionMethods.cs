using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Conversions of single values, and tensors in binary files.</summary>
public static class TensorExtensionMethods
{
    public static float ToSingle(this Tensor value) => (float)value.ToScalar().Double;

    public static double ToDouble(this Tensor value) => value.ToScalar().Double;

    public static Half ToHalf(this Tensor value) => (Half)value.ToScalar().Double;

    public static BFloat16 ToBFloat16(this Tensor value) => new((float)value.ToScalar().Double);

    public static sbyte ToSByte(this Tensor value) => (sbyte)value.ToScalar().Long;

    public static byte ToByte(this Tensor value) => (byte)value.ToScalar().Long;

    public static short ToInt16(this Tensor value) => (short)value.ToScalar().Long;

    public static int ToInt32(this Tensor value) => (int)value.ToScalar().Long;

    public static long ToInt64(this Tensor value) => value.ToScalar().Long;

    public static bool ToBoolean(this Tensor value) => value.ToScalar().IsTrue;

    public static int ElementSize(this ScalarType type) => DTypes.Size(type);

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, static (a, b) => a * b);

    /// <summary>Writes type, shape and elements; numbers of the header in groups of seven bits, lowest first.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        if (!tensor.is_contiguous())
            throw new InvalidOperationException("Save: the tensor is not contiguous.");
        writer.Write7BitEncodedInt64((long)tensor.dtype);
        writer.Write7BitEncodedInt64(tensor.ndim);
        foreach (long size in tensor.Impl.Sizes)
            writer.Write7BitEncodedInt64(size);
        writer.Flush();
        tensor.WriteBytesToStream(writer.BaseStream, 1 << 20);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream); // closes the stream, as the real package does
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using FileStream stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Reads into an existing tensor of the same type and shape, or passes over the data.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        (ScalarType dtype, long[] sizes) = ReadHeader(reader);
        if (!skip && (dtype != tensor.dtype || !sizes.AsSpan().SequenceEqual(tensor.Impl.Sizes)))
        {
            throw new ArgumentException(
                $"The file has a tensor of type {dtype} and shape {Errors.Text(sizes)}, expected {tensor.dtype} and {Errors.Text(tensor.Impl.Sizes)}.");
        }

        using Arena arena = Arena.Open();
        using var mode = new GradMode(false);
        Tensor contents = empty(sizes, dtype);
        contents.ReadBytesFromStream(reader.BaseStream, 1 << 20);
        if (!skip)
            tensor.copy_(contents);
    }

    internal static (ScalarType DType, long[] Sizes) ReadHeader(BinaryReader reader)
    {
        var dtype = (ScalarType)reader.Read7BitEncodedInt64();
        var sizes = new long[reader.Read7BitEncodedInt64()];
        for (int d = 0; d < sizes.Length; d++)
            sizes[d] = reader.Read7BitEncodedInt64();
        return (dtype, sizes);
    }
}
