using System.IO.Compression;
using IronSnappy;
using Parquet.Meta;

namespace Parquet.Format;

/// <summary>Compresses and decompresses pages.</summary>
internal static class Codec
{
    /// <summary>Refuses, by name, what is not read.</summary>
    public static void Check(CompressionCodec codec)
    {
        if (codec is CompressionCodec.UNCOMPRESSED or CompressionCodec.SNAPPY or CompressionCodec.GZIP or CompressionCodec.BROTLI) return;
        if (!Enum.IsDefined(codec)) throw new ParquetException($"the footer is damaged: compression {(int)codec} does not exist");
        throw new NotSupportedException(
            $"it is compressed with {codec}, which this build does not read; build with -p:Backend=cpu, or write it again with Snappy, "
            + "for example in Python: import pandas as p; p.read_parquet('a.parquet').to_parquet('b.parquet', compression='snappy')");
    }

    /// <summary>The bytes of a page, as many as its header says.</summary>
    public static ReadOnlyMemory<byte> Unpack(CompressionCodec codec, ReadOnlyMemory<byte> packed, int length)
    {
        Check(codec);
        Limits.CheckUnpacked(codec, packed.Length, length);
        if (length == 0) return default;
        ReadOnlyMemory<byte> unpacked;
        try
        {
            unpacked = codec switch
            {
                CompressionCodec.UNCOMPRESSED => packed,
                CompressionCodec.SNAPPY => UnpackSnappy(packed.Span, length),
                CompressionCodec.GZIP => Collect(packed, length, static stream => new GZipStream(stream, CompressionMode.Decompress)),
                _ => Collect(packed, length, static stream => new BrotliStream(stream, CompressionMode.Decompress)),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException or ArgumentException
            or IndexOutOfRangeException)
        {
            throw new ParquetException($"a page is damaged: it is not compressed with {codec}", e);
        }

        return unpacked.Length == length
            ? unpacked
            : throw new ParquetException($"a page unpacks to {unpacked.Length} bytes where {length} are expected");
    }

    /// <summary>The bytes of a page as they go into the file.</summary>
    public static ReadOnlyMemory<byte> Pack(ParquetOptions options, MemoryStream page)
    {
        ReadOnlyMemory<byte> bytes = page.GetBuffer().AsMemory(0, (int)page.Length);
        return options.CompressionMethod switch
        {
            CompressionMethod.None => bytes,
            CompressionMethod.Snappy => Snappy.Encode(bytes.Span),
            CompressionMethod.Gzip => Compress(bytes, stream => new GZipStream(stream, options.CompressionLevel, leaveOpen: true)),
            CompressionMethod.Brotli => Compress(bytes, stream => new BrotliStream(stream, options.CompressionLevel, leaveOpen: true)),
            _ => throw new NotSupportedException($"the embedded backend does not write pages compressed with {options.CompressionMethod}"),
        };
    }

    // The size stands before the compressed bytes once more; the decompressor allocates what it says.
    private static byte[] UnpackSnappy(ReadOnlySpan<byte> packed, int length)
    {
        ulong size = 0;
        for (int i = 0, shift = 0; shift < 35 && i < packed.Length; i++, shift += 7)
        {
            size |= (ulong)(packed[i] & 0x7F) << shift;
            if (packed[i] >= 0x80) continue;
            return size == (ulong)length
                ? Snappy.Decode(packed)
                : throw new ParquetException($"a page unpacks to {size} bytes where {length} are expected");
        }

        throw new ParquetException("a page is damaged: it is not compressed with SNAPPY");
    }

    // Memory grows with what arrives, not with what is promised.
    private static ReadOnlyMemory<byte> Collect(ReadOnlyMemory<byte> packed, int length, Func<Stream, Stream> open)
    {
        using Stream unpacker = open(new MemoryStream(packed.ToArray(), writable: false));
        var bytes = new byte[(int)Math.Min(length, Math.Max(packed.Length * 4L, 4096))];
        int filled = 0;
        while (true)
        {
            int read = unpacker.Read(bytes, filled, bytes.Length - filled);
            filled += read;
            if (read == 0) break;
            if (filled < bytes.Length) continue;
            if (filled == length)
            {
                if (unpacker.ReadByte() < 0) break;
                throw new ParquetException($"a page unpacks to more than the {length} bytes that are expected");
            }

            Array.Resize(ref bytes, (int)Math.Min(length, (long)bytes.Length * 2));
        }

        return bytes.AsMemory(0, filled);
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> bytes, Func<Stream, Stream> open)
    {
        var packed = new MemoryStream();
        using (Stream packer = open(packed)) packer.Write(bytes.Span);
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
