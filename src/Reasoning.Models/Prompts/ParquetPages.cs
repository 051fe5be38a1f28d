using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;
using Snappier;
using ZstdSharp;
using Encoding = Parquet.Meta.Encoding;

namespace Reasoning.Models.Prompts;

/// <summary>
/// Looks at what a file says of itself before Parquet.Net reads it, for Parquet.Net believes all of it: where the header of a page says
/// RLE, it writes numbers over the references of a column of texts, which crashes the process in a later garbage collection; a page of a
/// negative length is read again for ever; and it allocates whatever length is promised. The headers are taken apart by Parquet.Net's own
/// reader, which is not public: so what is looked at here is what it will see.
/// </summary>
internal sealed class ParquetPages
{
    private const string Thrift = "Parquet.Meta.Proto.ThriftCompactProtocolReader, Parquet";

    // Parquet.Net calls itself for every layer of columns in columns, and a stack that overflows ends the process.
    private const int MaxColumns = 4096;

    // What a file may promise by its length; a small one these many values of a column and bytes of pages.
    private const int SmallColumn = 65_536, ValuesPerByte = 8;
    private const long SmallPages = 256L << 20;
    private const int UnpackedPerByte = 256;

    // Parquet.Net counts the bytes of these values, up to 8 each, in 32 bits.
    private const long MaxValues = 1 << 27;

    private long _bytesLeft;

    /// <summary>Looks at the footer.</summary>
    public ParquetPages(Stream file)
    {
        Input = new ParquetInput(file);
        MostValues = Math.Min(MaxValues, Math.Max(SmallColumn, ValuesPerByte * file.Length));
        _bytesLeft = Math.Max(SmallPages, UnpackedPerByte * file.Length);
        Span<byte> tail = stackalloc byte[8];
        if (file.Length < 12) return; // Parquet.Net says itself what is wrong here and below
        file.Position = file.Length - 8;
        file.ReadExactly(tail);
        long start = file.Length - 8 - BitConverter.ToInt32(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || start < 4 || start > file.Length - 8) return;
        Input.End = file.Length - 8;
        Input.Position = start;
        FileMetaData footer = ReadFooter(null, NewThrift(Input));
        Input.End = file.Length;
        if (footer.Schema.Count > MaxColumns)
            throw new ParquetException($"its schema has {footer.Schema.Count} parts; at most {MaxColumns} are read");
    }

    /// <summary>What Parquet.Net is to read from.</summary>
    public ParquetInput Input { get; }

    /// <summary>How many values of a column the file may promise: equal ones take next to no place in it.</summary>
    public long MostValues { get; }

    /// <summary>Looks at the pages of a column of a row group, and lets nothing be read that comes after them.</summary>
    public void Check(DataField field, ColumnMetaData column)
    {
        Input.End = Input.Length;
        // Parquet.Net begins here too.
        long[] starts = [column.DictionaryPageOffset ?? 0, column.DataPageOffset, column.IndexPageOffset ?? 0];
        long offset = starts.Where(start => start != 0).Min();
        for (long values = 0; values < column.NumValues;)
        {
            Input.Position = offset;
            PageHeader page = ReadPage(null, NewThrift(Input));
            offset = Input.Position + page.CompressedPageSize;
            if (page.CompressedPageSize < 0 || offset > Input.Length)
                throw new ParquetException($"a page of {page.CompressedPageSize} bytes is not inside the file");
            Take(page.UncompressedPageSize);
            int packedAt = 0;
            switch (page.Type)
            {
                case PageType.DICTIONARY_PAGE when page.DictionaryPageHeader is { } dictionary:
                    Within(dictionary.NumValues, page.UncompressedPageSize);
                    break;
                case PageType.DATA_PAGE when page.DataPageHeader is { } data:
                    values += Data(data.Encoding, data.NumValues);
                    break;
                case PageType.DATA_PAGE_V2 when field.MaxRepetitionLevel > 0:
                    throw new ParquetException("lists in pages of version 2 are not read, only in version 1");
                case PageType.DATA_PAGE_V2 when page.DataPageHeaderV2 is { } data:
                    values += Data(data.Encoding, data.NumValues);
                    Within(data.NumNulls, data.NumValues);
                    if (field.MaxDefinitionLevel > 0) packedAt = data.DefinitionLevelsByteLength;
                    if (data.IsCompressed == false) continue;
                    break;
                default:
                    throw new ParquetException($"a page of type {page.Type} is not read, or lacks its header");
            }

            // These two unpack to what the packed bytes say, not to what the header says.
            if (column.Codec is not (CompressionCodec.SNAPPY or CompressionCodec.ZSTD)) continue;
            byte[] bytes = new byte[page.CompressedPageSize];
            Input.ReadExactly(bytes);
            ReadOnlySpan<byte> packed = bytes.AsSpan(packedAt);
            bool isSnappy = column.Codec == CompressionCodec.SNAPPY;
            Take(isSnappy ? Snappy.GetUncompressedLength(packed) : (long)Decompressor.GetDecompressedSize(packed));

            // RLE is not among them. Whether one of them fits the type of the column, Parquet.Net sees itself.
            int Data(Encoding encoding, int count) => encoding is Encoding.PLAIN or Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY
                or Encoding.DELTA_BINARY_PACKED or Encoding.DELTA_LENGTH_BYTE_ARRAY or Encoding.DELTA_BYTE_ARRAY
                or Encoding.BYTE_STREAM_SPLIT ? Within(count, column.NumValues - values)
                : throw new ParquetException($"a page in encoding {encoding} is not read");
        }

        Input.End = offset;
    }

    private static int Within(int count, long most) => count >= 0 && count <= most ? count
        : throw new ParquetException($"a page counts {count} values where at most {most} can be");

    private void Take(long bytes)
    {
        if (bytes < 0 || bytes > _bytesLeft)
            throw new ParquetException($"a page of {bytes} bytes, unpacked, is too large for a file of {Input.Length} bytes");
        _bytesLeft -= bytes;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(Thrift)]
    private static extern object NewThrift(Stream input);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Read")]
    private static extern FileMetaData ReadFooter(FileMetaData? type, [UnsafeAccessorType(Thrift)] object reader);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Read")]
    private static extern PageHeader ReadPage(PageHeader? type, [UnsafeAccessorType(Thrift)] object reader);
}
