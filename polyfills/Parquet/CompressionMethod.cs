namespace Parquet;

/// <summary>
/// How pages are compressed. The embedded backend reads and writes <see cref="None"/>, <see cref="Snappy"/>, <see cref="Gzip"/> and
/// <see cref="Brotli"/>, and refuses the others by name.
/// </summary>
public enum CompressionMethod
{
    None = 0,
    Snappy = 1,
    Gzip = 2,
    Lzo = 3,
    Brotli = 4,
    LZ4 = 5,
    Zstd = 6,
    Lz4Raw = 7,
}
