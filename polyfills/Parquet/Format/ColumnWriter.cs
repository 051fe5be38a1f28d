using System.Buffers.Binary;
using System.Numerics;
using Parquet.Encodings;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet.Format;

/// <summary>Writes a column of a row group: a dictionary where a hint asks for one and it pays, then one page of all values.</summary>
internal sealed class ColumnWriter(Stream stream, DataField field, ParquetOptions options)
{
    private readonly ColumnMetaData _data = new()
    {
        Physical = SchemaWriter.Physical(field.ClrType),
        PathInSchema = field.Path.ToList(),
        Codec = (CompressionCodec)(int)options.CompressionMethod,
    };

    /// <summary>Writes the pages.</summary>
    /// <param name="values">Without the missing ones.</param>
    /// <param name="definition">Empty where the column has no such levels.</param>
    /// <param name="repetition">Likewise.</param>
    /// <param name="count">Values, missing ones included.</param>
    public ColumnMetaData Write<T>(ReadOnlySpan<T> values, ReadOnlySpan<int> definition, ReadOnlySpan<int> repetition, int count)
        where T : struct
    {
        _data.NumValues = count;
        _data.NullCount = count - values.Length;
        _data.UsedEncodings = [PageEncoding.Rle];
        TextDictionary? dictionary = typeof(T) == typeof(ReadOnlyMemory<char>) && options.WantsDictionary(field)
            ? TextDictionary.Of(Values.As<T, ReadOnlyMemory<char>>(values), options.DictionaryEncodingThreshold)
            : null;
        if (dictionary is not null) WriteDictionary(dictionary);

        using var page = new MemoryStream();
        WriteLevels(page, repetition, field.MaxRepetitionLevel);
        WriteLevels(page, definition, field.MaxDefinitionLevel);
        if (dictionary is null) PlainWriter.Write(page, values);
        else WriteIndexes(page, dictionary);
        PageEncoding encoding = dictionary is null ? PageEncoding.Plain : PageEncoding.RleDictionary;
        _data.UsedEncodings.Add(encoding);
        _data.DataPageOffset = WritePage(page, PageKind.Data, count, encoding);
        return _data;
    }

    private void WriteDictionary(TextDictionary dictionary)
    {
        using var page = new MemoryStream();
        PlainWriter.Write<ReadOnlyMemory<char>>(page, dictionary.Texts);
        _data.UsedEncodings.Add(PageEncoding.Plain);
        _data.DictionaryPageOffset = WritePage(page, PageKind.Dictionary, dictionary.Texts.Length, PageEncoding.Plain);
    }

    private static void WriteIndexes(MemoryStream page, TextDictionary dictionary)
    {
        int width = Math.Max(1, BitOperations.Log2((uint)Math.Max(1, dictionary.Texts.Length - 1)) + 1);
        page.WriteByte((byte)width);
        RleWriter.Write(page, dictionary.Indexes, width);
    }

    private static void WriteLevels(MemoryStream page, ReadOnlySpan<int> levels, int most)
    {
        if (most == 0) return;
        using var packed = new MemoryStream();
        RleWriter.Write(packed, levels, BitOperations.Log2((uint)most) + 1);
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(head, (int)packed.Length);
        page.Write(head);
        page.Write(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    private long WritePage(MemoryStream page, PageKind kind, int count, PageEncoding encoding)
    {
        ReadOnlyMemory<byte> packed = Codec.Pack(options, page);
        using var head = new MemoryStream();
        var writer = new CompactWriter(head);
        writer.BeginItem();
        writer.Int(1, (int)kind);
        writer.Int(2, (int)page.Length);
        writer.Int(3, packed.Length);
        writer.Begin(kind == PageKind.Dictionary ? 7 : 5);
        writer.Int(1, count);
        writer.Int(2, (int)encoding);
        if (kind == PageKind.Data)
        {
            writer.Int(3, (int)PageEncoding.Rle);
            writer.Int(4, (int)PageEncoding.Rle);
        }

        writer.End();
        writer.End();
        long offset = stream.Position;
        stream.Write(head.GetBuffer().AsSpan(0, (int)head.Length));
        stream.Write(packed.Span);
        _data.TotalUncompressedSize += head.Length + page.Length;
        _data.TotalCompressedSize += head.Length + packed.Length;
        return offset;
    }
}
