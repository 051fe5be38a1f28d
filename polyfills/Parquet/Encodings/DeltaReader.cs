
namespace Parquet.Encodings;

/// <summary>
/// DELTA_BINARY_PACKED: a first value, then blocks of differences from a smallest difference, packed in mini blocks that each have their
/// own number of bits. Sums wrap around.
/// </summary>
internal static class DeltaReader
{
    private const int MaxBlock = 1 << 20;

    /// <summary>Fills the whole of <paramref name="values"/>.</summary>
    /// <returns>Bytes read.</returns>
    public static int Read(ReadOnlySpan<byte> bytes, Span<long> values)
    {
        int at = 0;
        ulong block = Varint(bytes, ref at), minis = Varint(bytes, ref at), total = Varint(bytes, ref at);
        ulong head = Varint(bytes, ref at);
        if (block is 0 or > MaxBlock || minis == 0 || minis > block || block % minis != 0 || block / minis % 8 != 0)
            throw new ParquetException($"a delta block of {block} values in {minis} parts");
        if (total != (ulong)values.Length) throw new ParquetException($"a page has {total} values where {values.Length} are expected");
        if (total == 0) return at;

        long last = values[0] = Signed(head);
        int size = (int)(block / minis);
        for (int done = 1; done < values.Length;)
        {
            long smallest = Signed(Varint(bytes, ref at));
            ReadOnlySpan<byte> widths = Take(bytes, ref at, (int)minis);
            for (int m = 0; m < widths.Length && done < values.Length; m++)
            {
                int width = widths[m];
                if (width > 64) throw new ParquetException($"differences of {width} bits");
                int count = Math.Min(size, values.Length - done);
                Unpack(Take(bytes, ref at, size / 8 * width, (((long)count * width) + 7) / 8), width, values.Slice(done, count));
                foreach (ref long value in values.Slice(done, count)) value = last = unchecked(last + smallest + value);
                done += count;
            }
        }

        return at;
    }

    private static void Unpack(ReadOnlySpan<byte> bytes, int width, Span<long> values)
    {
        if (width == 0)
        {
            values.Clear();
            return;
        }

        UInt128 buffer = 0, mask = (UInt128.One << width) - 1;
        int bits = 0, at = 0;
        foreach (ref long value in values)
        {
            for (; bits < width; bits += 8) buffer |= (UInt128)bytes[at++] << bits;
            value = (long)(ulong)(buffer & mask);
            buffer >>= width;
            bits -= width;
        }
    }

    private static long Signed(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= bytes.Length) throw Ended();
            byte part = bytes[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new ParquetException("a number of more than 64 bits");
    }

    // The last mini block of a page may lack the padding after its last value.
    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> bytes, ref int at, int length, long needed = long.MaxValue)
    {
        int left = bytes.Length - at;
        if (left < Math.Min(length, needed)) throw Ended();
        ReadOnlySpan<byte> taken = bytes.Slice(at, Math.Min(length, left));
        at += taken.Length;
        return taken;
    }

    private static ParquetException Ended() => new("a page has fewer values than it says");
}
