using System.Text;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Damaged variants of a valid file, the same ones in every run.</summary>
internal static class Mutations
{
    private static readonly string[] s_snippets =
    [
        "-1", "0", "1e999", "99999999999999999999", "4294967296", "2147483647", "1.5", "null",
        "true", "\"\"", "\"x\"", "[]", "{}", "[[", "}}",
        "\"\\ud800\"", "\\u0000", "\u00e9", ",", ":", "\"", "\\", "\n", " ", "../", "[1,2,3]", "{\"type\":\"Sequence\"}",
    ];

    public static IEnumerable<byte[]> Of(byte[] valid, int count, ulong seed)
    {
        for (ulong variant = 0; variant < (ulong)count; variant++)
        {
            var random = new KeyedStream(seed, variant);
            var bytes = new List<byte>(valid);
            for (int edits = 1 + random.NextInt(3); edits > 0; edits--) Edit(bytes, ref random);
            yield return [.. bytes];
        }
    }

    /// <summary>Runs <paramref name="read"/> on each variant; whatever it throws must be an error for the user, on one line.</summary>
    public static void AssertOnlyUserErrors(byte[] valid, int count, ulong seed, Action<byte[]> read)
    {
        int refused = 0;
        foreach (byte[] variant in Of(valid, count, seed))
        {
            try
            {
                read(variant);
            }
            catch (UserErrorException e)
            {
                refused++;
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        Assert.InRange(refused, count / 5, count);
    }

    private static void Edit(List<byte> bytes, ref KeyedStream random)
    {
        int at = bytes.Count == 0 ? 0 : random.NextInt(bytes.Count);
        int length = bytes.Count == 0 ? 0 : Math.Min(bytes.Count - at, 1 + random.NextInt(8));
        switch (random.NextInt(7))
        {
            case 0 when bytes.Count > 0: bytes[at] ^= (byte)(1 << random.NextInt(8)); break;
            case 1 when bytes.Count > 0: bytes[at] = (byte)random.NextInt(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 4: bytes.RemoveRange(at, bytes.Count - at); break;
            case 5: ReplaceValue(bytes, at, s_snippets[random.NextInt(s_snippets.Length)]); break;
            default: bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_snippets[random.NextInt(s_snippets.Length)])); break;
        }
    }

    // Replaces what stands between a colon and the next comma or bracket: most often a whole value.
    private static void ReplaceValue(List<byte> bytes, int at, string snippet)
    {
        int colon = bytes.IndexOf((byte)':', at);
        if (colon < 0) return;
        int end = bytes.FindIndex(colon, value => value is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0) return;
        bytes.RemoveRange(colon + 1, end - colon - 1);
        bytes.InsertRange(colon + 1, Encoding.UTF8.GetBytes(snippet));
    }
}
