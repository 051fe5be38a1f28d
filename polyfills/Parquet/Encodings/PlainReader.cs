using System.Buffers;
using System.Buffers.Binary;
using Parquet.Format;

namespace Parquet.Encodings;

/// <summary>PLAIN: values one after the other; byte strings with their length before them, truth values as bits.</summary>
internal static class PlainReader
{
    /// <summary>Fills the whole of <paramref name="values"/>.</summary>
    public static void Read<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        switch (element.Type)
        {
            case PhysicalType.Boolean when typeof(T) == typeof(bool):
                Booleans(bytes, Values.As<T, bool>(values));
                break;
            case PhysicalType.Int32 when typeof(T) == typeof(int) || typeof(T) == typeof(uint):
            case PhysicalType.Float when typeof(T) == typeof(float):
                Values.Copy(Exactly(bytes, values.Length, 4), values);
                break;
            case PhysicalType.Int64 when typeof(T) == typeof(long) || typeof(T) == typeof(ulong):
            case PhysicalType.Double when typeof(T) == typeof(double):
                Values.Copy(Exactly(bytes, values.Length, 8), values);
                break;
            case PhysicalType.Int32 or PhysicalType.Int64:
                Integers(bytes, element, values);
                break;
            case PhysicalType.ByteArray:
                ByteArrays(bytes, element, values);
                break;
            case PhysicalType.FixedLenByteArray:
                int size = element.TypeLength;
                bytes = Exactly(bytes, values.Length, size);
                for (int i = 0; i < values.Length; i++) values[i] = Values.FromBytes<T>(bytes.Slice(i * size, size), element);
                break;
            default:
                throw Values.Mismatch<T>(element);
        }
    }

    /// <summary>Bits that a value takes at least.</summary>
    public static int MinBits(SchemaElement element) => element.Type switch
    {
        PhysicalType.Boolean => 1,
        PhysicalType.Int64 or PhysicalType.Double => 64,
        PhysicalType.Int96 => 96,
        PhysicalType.FixedLenByteArray => 8 * element.TypeLength,
        _ => 32,
    };

    private static void Booleans(ReadOnlySpan<byte> bytes, Span<bool> values)
    {
        if (bytes.Length < (values.Length + 7) / 8) throw Ended();
        for (int i = 0; i < values.Length; i++) values[i] = ((bytes[i >> 3] >> (i & 7)) & 1) != 0;
    }

    private static void Integers<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        bool wide = element.Type == PhysicalType.Int64;
        bytes = Exactly(bytes, values.Length, wide ? 8 : 4);
        long[] integers = ArrayPool<long>.Shared.Rent(values.Length);
        try
        {
            for (int i = 0; i < values.Length; i++) integers[i] = Values.Integer(bytes, i, wide);
            Values.FromIntegers(integers.AsSpan(0, values.Length), element, values);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(integers);
        }
    }

    private static void ByteArrays<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        foreach (ref T value in values)
        {
            if (bytes.Length < 4) throw Ended();
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            if (length < 0 || length > bytes.Length - 4) throw Ended();
            value = Values.FromBytes<T>(bytes.Slice(4, length), element);
            bytes = bytes[(4 + length)..];
        }
    }

    private static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> bytes, int count, int size) =>
        (long)count * size <= bytes.Length ? bytes[..(count * size)] : throw Ended();

    private static ParquetException Ended() => new("a page has fewer values than it says");
}
