using Parquet.Format;

namespace Parquet.Meta;

/// <summary>What is known about a column of a row group before it is read.</summary>
public class ColumnMetaData
{
    /// <summary>Names from the root of the schema.</summary>
    public List<string> PathInSchema { get; internal set; } = [];

    public CompressionCodec Codec { get; internal set; }

    /// <summary>Values, missing ones and empty lists included.</summary>
    public long NumValues { get; internal set; }

    /// <summary>Bytes of all pages with their headers, before compression.</summary>
    public long TotalUncompressedSize { get; internal set; }

    /// <summary>Bytes of all pages with their headers, as they are in the file.</summary>
    public long TotalCompressedSize { get; internal set; }

    public long DataPageOffset { get; internal set; }

    public long? IndexPageOffset { get; internal set; }

    public long? DictionaryPageOffset { get; internal set; }

    internal PhysicalType Physical { get; set; }

    internal List<PageEncoding> UsedEncodings { get; set; } = [];

    internal long NullCount { get; set; }
}
