namespace Parquet.Meta;

/// <summary>How the pages of a column are compressed, by the numbers of the format.</summary>
public enum CompressionCodec
{
    UNCOMPRESSED = 0,
    SNAPPY = 1,
    GZIP = 2,
    LZO = 3,
    BROTLI = 4,
    LZ4 = 5,
    ZSTD = 6,
    LZ4_RAW = 7,
}
