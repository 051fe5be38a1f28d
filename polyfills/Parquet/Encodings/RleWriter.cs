namespace Parquet.Encodings;

/// <summary>Writes the hybrid that <see cref="RleReader"/> reads: eight equal values or more as a run, others packed.</summary>
internal static class RleWriter
{
    private const int MinRun = 8;

    public static void Write(Stream stream, ReadOnlySpan<int> values, int width)
    {
        for (int at = 0; at < values.Length;)
        {
            int run = RunLength(values[at..]);
            if (run >= MinRun)
            {
                Varint(stream, (uint)run << 1);
                for (int i = 0; i < (width + 7) / 8; i++) stream.WriteByte((byte)(values[at] >> (8 * i)));
                at += run;
                continue;
            }

            int end = at;
            while (end < values.Length && RunLength(values[end..]) < MinRun) end += 8;
            Pack(stream, values[at..Math.Min(end, values.Length)], width);
            at = end;
        }
    }

    private static int RunLength(ReadOnlySpan<int> values)
    {
        int other = values.IndexOfAnyExcept(values[0]);
        return other < 0 ? values.Length : other;
    }

    private static void Pack(Stream stream, ReadOnlySpan<int> values, int width)
    {
        int groups = (values.Length + 7) / 8;
        Varint(stream, ((uint)groups << 1) | 1);
        ulong buffer = 0;
        int bits = 0;
        for (int i = 0; i < groups * 8; i++)
        {
            if (i < values.Length) buffer |= (ulong)(uint)values[i] << bits;
            for (bits += width; bits >= 8; bits -= 8, buffer >>= 8) stream.WriteByte((byte)buffer);
        }
    }

    private static void Varint(Stream stream, uint value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
