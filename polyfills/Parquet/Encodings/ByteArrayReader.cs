using System.Buffers;
using Parquet.Format;

namespace Parquet.Encodings;

/// <summary>
/// Byte strings whose lengths stand before all of them (DELTA_LENGTH_BYTE_ARRAY), or that share the beginning of the one before
/// (DELTA_BYTE_ARRAY).
/// </summary>
internal static class ByteArrayReader
{
    /// <summary>DELTA_LENGTH_BYTE_ARRAY: fills the whole of <paramref name="values"/>.</summary>
    public static void ReadLengths<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        Check<T>(element);
        long[] lengths = ArrayPool<long>.Shared.Rent(values.Length);
        try
        {
            bytes = bytes[DeltaReader.Read(bytes, lengths.AsSpan(0, values.Length))..];
            for (int i = 0; i < values.Length; i++)
            {
                int length = Length(lengths[i], bytes.Length);
                values[i] = Values.FromBytes<T>(bytes[..length], element);
                bytes = bytes[length..];
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(lengths);
        }
    }

    /// <summary>DELTA_BYTE_ARRAY: fills the whole of <paramref name="values"/>.</summary>
    public static void ReadPrefixed<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        Check<T>(element);
        long budget = Limits.PrefixedBytes(bytes.Length);
        long[] prefixes = ArrayPool<long>.Shared.Rent(values.Length), suffixes = ArrayPool<long>.Shared.Rent(values.Length);
        try
        {
            bytes = bytes[DeltaReader.Read(bytes, prefixes.AsSpan(0, values.Length))..];
            bytes = bytes[DeltaReader.Read(bytes, suffixes.AsSpan(0, values.Length))..];
            byte[] last = [];
            for (int i = 0; i < values.Length; i++)
            {
                int prefix = Length(prefixes[i], last.Length), suffix = Length(suffixes[i], bytes.Length);
                budget -= prefix + suffix;
                if (budget < 0) throw new ParquetException($"the texts of '{element.Name}' repeat each other without end");
                if (suffix == 0 && prefix == last.Length && i > 0)
                {
                    values[i] = values[i - 1];
                    continue;
                }

                last = [.. last.AsSpan(0, prefix), .. bytes[..suffix]];
                bytes = bytes[suffix..];
                values[i] = Values.FromBytes<T>(last, element);
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(prefixes);
            ArrayPool<long>.Shared.Return(suffixes);
        }
    }

    private static void Check<T>(SchemaElement element)
    {
        if (element.Type is not (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray)) throw Values.Mismatch<T>(element);
    }

    private static int Length(long length, int most) =>
        length >= 0 && length <= most ? (int)length : throw new ParquetException($"a text of {length} bytes where there are {most}");
}
