using Parquet.Meta;

namespace Parquet.Format;

/// <summary>
/// How much a file may unpack to. A declared size is compared with what its compressed bytes can hold before anything is allocated:
/// Snappy cannot expand more than 64 bytes from 3, DEFLATE not more than 1032 times; Brotli knows no bound and is given that of DEFLATE.
/// </summary>
internal static class Limits
{
    /// <summary>Most bytes of a page, unpacked.</summary>
    public const int PageBytes = 256 << 20;

    /// <summary>What a page may always unpack to, however small it is in the file.</summary>
    public const int SmallPage = 4 << 20;

    private const int DeflateRatio = 1032;
    private const int SnappyRatio = 22;
    private const int PrefixRatio = 64;

    /// <summary>Refuses an unpacked size that so many packed bytes cannot have, or should not.</summary>
    public static void CheckUnpacked(CompressionCodec codec, int packed, int unpacked)
    {
        long most = codec switch
        {
            CompressionCodec.UNCOMPRESSED => packed,
            CompressionCodec.SNAPPY => 64 + ((long)packed * SnappyRatio),
            _ => Math.Max(SmallPage, (long)packed * DeflateRatio),
        };
        most = Math.Min(most, PageBytes);
        if (unpacked < 0 || unpacked > most)
            throw new ParquetException($"a page of {packed} bytes says that it unpacks to {unpacked}; at most {most} are read");
    }

    /// <summary>Texts that repeat the beginning of the one before may grow without bound; this is how far a page may go.</summary>
    public static long PrefixedBytes(int page) => Math.Max(SmallPage, (long)page * PrefixRatio);
}
