using System.Buffers.Binary;
using System.Text;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Mutation;

/// <summary>
/// Damaged variants of a valid file. Variant n of a seed is the same bytes in every run and on every machine, so that a failure is
/// repeated with the two numbers that its message gives.
/// </summary>
internal static class Mutator
{
    private static readonly string[] s_snippets =
    [
        "-1", "0", "1e999", "99999999999999999999", "9223372036854775807", "4294967296", "2147483647", "1.5", "null", "true", "\"\"",
        "\"x\"", "[]", "{}", "[[", "}}", "\"\\ud800\"", "\\u0000", "\u00e9", ",", ":", "\"", "\\", "\n", " ", "../", "[1,2,3]", "{{", "{%",
        "(", "*", "\uFEFF", "\0",
    ];

    // Lengths, counts and offsets that readers multiply, add to or allocate.
    private static readonly ulong[] s_extremes =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0xF_FFFF, 0x3F_FFFF, 0xFF_FFFF, 100_000_000, 0x3FFF_FFFF,
        0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x3FFF_FFFF_FFFF_FFFF,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue,
    ];

    private static readonly (string Open, string Close)[] s_nests =
        [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("(?:", ")"), ("{{", "}}"), ("{\"type\":\"Sequence\",\"normalizers\":[", "]}")];

    /// <summary>A variant of <paramref name="valid"/> with one to three edits.</summary>
    public static byte[] Mutate(ReadOnlySpan<byte> valid, ulong seed, ulong variant)
    {
        var random = new KeyedStream(seed, variant);
        List<byte> bytes = [.. valid];
        for (int edits = 1 + random.NextInt(1 + random.NextInt(3)); edits > 0; edits--) Edit(bytes, ref random);
        return [.. bytes];
    }

    private static void Edit(List<byte> bytes, ref KeyedStream random)
    {
        int at = random.NextInt(bytes.Count + 1);
        int length = Math.Min(bytes.Count - at, 1 + random.NextInt(random.NextInt(4) == 0 ? 64 : 8));
        switch (random.NextInt(18))
        {
            case 0 when length > 0: bytes[at] ^= (byte)(1 << random.NextInt(8)); break;
            case 1 when length > 0: bytes[at] = (byte)random.NextInt(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.RemoveRange(at, bytes.Count - at); break;
            case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 5: bytes.InsertRange(at, Noise(length, ref random)); break;
            case 6: Swap(bytes, at, ref random); break;
            case 7 or 13 or 14: HugeNumber(bytes, at, ref random); break;
            case 8: Overwrite(bytes, at, s_extremes[random.NextInt(s_extremes.Length)], 1 << random.NextInt(4)); break;
            case 9: Nest(bytes, at, ref random); break;
            case 10 or 15 or 16: ReplaceValue(bytes, at, Snippet(ref random)); break;
            case 11: CopyBlock(bytes, at, length, ref random); break;
            case 12: Repeat(bytes, at, length, 1 << random.NextInt(10)); break;
            default: bytes.InsertRange(at, Snippet(ref random)); break;
        }
    }

    private static byte[] Snippet(ref KeyedStream random) => Encoding.UTF8.GetBytes(s_snippets[random.NextInt(s_snippets.Length)]);

    private static byte[] Noise(int length, ref KeyedStream random)
    {
        byte[] noise = new byte[length];
        for (int i = 0; i < length; i++) noise[i] = (byte)random.NextInt(256);
        return noise;
    }

    // Two adjacent blocks change places.
    private static void Swap(List<byte> bytes, int at, ref KeyedStream random)
    {
        int first = Math.Min(bytes.Count - at, 1 + random.NextInt(64));
        int second = Math.Min(bytes.Count - at - first, 1 + random.NextInt(64));
        List<byte> block = bytes.GetRange(at, first);
        bytes.RemoveRange(at, first);
        bytes.InsertRange(at + second, block);
    }

    // The next run of decimal digits becomes a number near the end of some range.
    private static void HugeNumber(List<byte> bytes, int at, ref KeyedStream random)
    {
        int start = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
        if (start < 0) return;
        int end = bytes.FindIndex(start, value => value is < (byte)'0' or > (byte)'9');
        ulong extreme = s_extremes[random.NextInt(s_extremes.Length)];
        string sign = random.NextInt(4) == 0 ? "-" : "";
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes($"{sign}{extreme}"));
    }

    // A little-endian number of 1, 2, 4 or 8 bytes.
    private static void Overwrite(List<byte> bytes, int at, ulong value, int size)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        for (int i = 0; i < size && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }

    private static void Nest(List<byte> bytes, int at, ref KeyedStream random)
    {
        (string open, string close) = s_nests[random.NextInt(s_nests.Length)];
        int depth = 1 << random.NextInt(13);
        string inner = random.NextInt(2) == 0 ? "" : "1";
        var text = new StringBuilder((open.Length + close.Length) * depth);
        text.Insert(0, open, depth).Append(inner);
        if (random.NextInt(4) > 0) text.Insert(text.Length, close, depth);
        byte[] nest = Encoding.ASCII.GetBytes(text.ToString());
        if (random.NextInt(2) == 0) ReplaceValue(bytes, at, nest);
        else bytes.InsertRange(at, nest);
    }

    // Replaces what stands between a colon and the next comma or bracket: most often a whole JSON value.
    private static void ReplaceValue(List<byte> bytes, int at, byte[] value)
    {
        int colon = bytes.IndexOf((byte)':', at);
        if (colon < 0) return;
        int end = bytes.FindIndex(colon, other => other is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0) return;
        bytes.RemoveRange(colon + 1, end - colon - 1);
        bytes.InsertRange(colon + 1, value);
    }

    private static void CopyBlock(List<byte> bytes, int at, int length, ref KeyedStream random)
    {
        if (bytes.Count == 0) return;
        int from = random.NextInt(bytes.Count);
        for (int i = 0; i < length && from + i < bytes.Count; i++) bytes[at + i] = bytes[from + i];
    }

    private static void Repeat(List<byte> bytes, int at, int length, int times)
    {
        byte[] block = [.. bytes.GetRange(at, length)];
        bytes.InsertRange(at, Enumerable.Repeat(block, times).SelectMany(copy => copy));
    }
}
