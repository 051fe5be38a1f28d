using Parquet.Format;

namespace Parquet.Encodings;

/// <summary>BYTE_STREAM_SPLIT: first the lowest byte of every value, then the next one of every value, and so on.</summary>
internal static class ByteStreamSplit
{
    /// <summary>Fills the whole of <paramref name="values"/>.</summary>
    public static void Read<T>(ReadOnlySpan<byte> bytes, SchemaElement element, Span<T> values)
        where T : struct
    {
        if (element.Type is PhysicalType.Boolean or PhysicalType.ByteArray) throw Values.Mismatch<T>(element);
        int size = PlainReader.MinBits(element) / 8, count = values.Length;
        if ((long)size * count > bytes.Length) throw new ParquetException("a page has fewer values than it says");
        var joined = new byte[size * count];
        for (int b = 0; b < size; b++)
        {
            for (int i = 0; i < count; i++) joined[(i * size) + b] = bytes[(b * count) + i];
        }

        PlainReader.Read(joined, element, values);
    }
}
