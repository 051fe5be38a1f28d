using System.Collections.Frozen;
using System.IO.Compression;
using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// The four normalization forms (Unicode Standard Annex 15), from our own table: <see cref="string.Normalize()"/> returns its input
/// unchanged where the runtime has no ICU or runs in invariant mode, which would change token ids without a message.
/// </summary>
/// <remarks>
/// Normalization.bin has combining classes and decompositions of Unicode 14.0, from the character database of the Unicode Consortium
/// (UnicodeData.txt), as a raw Deflate stream of numbers in LEB128: the number of runs of equal combining class, then for each run the gap
/// since the last, its length, its class; the number of characters that decompose, then for each the gap since the last, three times the
/// length of its mapping plus its kind (0 canonical and recomposed, 1 canonical only, 2 compatibility), and the mapping, each code point as
/// zigzag difference from the one before.
/// </remarks>
internal static class UnicodeNormalization
{
    private const int HangulBase = 0xAC00, HangulCount = 11172;
    private const int LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;

    private static readonly Lazy<Tables> s_tables = new(Tables.Load);

    /// <summary>The text in a normalization form. Unpaired surrogates become U+FFFD.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        bool composes = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        bool compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        char firstChanging = compatible ? '\u00A0' : composes ? '\u0300' : '\u00C0';
        if (!text.AsSpan().ContainsAnyInRange(firstChanging, '\uFFFF')) return text;

        Tables tables = s_tables.Value;
        var points = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, compatible, tables, points);
        Order(points, tables);
        if (composes) Compose(points, tables);
        var result = new StringBuilder(points.Count);
        foreach (int point in points) result.Append(new Rune(point).ToString());
        return result.ToString();
    }

    private static void Decompose(int point, bool compatible, Tables tables, List<int> output)
    {
        int syllable = point - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            output.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            output.Add(VowelBase + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount != 0) output.Add(TrailBase + (syllable % TrailCount));
        }
        else if (tables.Mappings.TryGetValue(point, out Mapping mapping) && (compatible || !mapping.IsCompatibility))
        {
            foreach (int part in mapping.Points) Decompose(part, compatible, tables, output);
        }
        else
        {
            output.Add(point);
        }
    }

    // Stable sort of each run of combining marks by class; runs are short, so by insertion.
    private static void Order(List<int> points, Tables tables)
    {
        for (int i = 1; i < points.Count; i++)
        {
            int point = points[i];
            int rank = tables.Class(point);
            if (rank == 0) continue;
            int at = i;
            while (at > 0 && tables.Class(points[at - 1]) > rank) points[at] = points[--at];
            points[at] = point;
        }
    }

    private static void Compose(List<int> points, Tables tables)
    {
        int starter = -1, length = 0, lastClass = -1;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];
            int rank = tables.Class(point);
            bool isBlocked = lastClass >= rank && lastClass != -1;
            if (starter >= 0 && !isBlocked && Pair(points[starter], point, tables) is { } composite)
            {
                points[starter] = composite;
                continue;
            }
            if (rank == 0)
            {
                starter = length;
                lastClass = -1;
            }
            else
            {
                lastClass = rank;
            }
            points[length++] = point;
        }
        points.RemoveRange(length, points.Count - length);
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        int lead = first - LeadBase, vowel = second - VowelBase;
        bool isLeadAndVowel = lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount;
        if (isLeadAndVowel) return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        int syllable = first - HangulBase, trail = second - TrailBase;
        bool isOpenSyllable = syllable is >= 0 and < HangulCount && syllable % TrailCount == 0;
        if (isOpenSyllable && trail is > 0 and < TrailCount) return first + trail;
        return tables.Composites.TryGetValue(((long)first << 32) | (uint)second, out int composite) ? composite : null;
    }

    private readonly record struct Mapping(int[] Points, bool IsCompatibility);

    private sealed class Tables
    {
        private readonly FrozenDictionary<int, byte> _classes;

        private Tables(Dictionary<int, byte> classes, Dictionary<int, Mapping> mappings, Dictionary<long, int> composites)
        {
            _classes = classes.ToFrozenDictionary();
            Mappings = mappings.ToFrozenDictionary();
            Composites = composites.ToFrozenDictionary();
        }

        public FrozenDictionary<int, Mapping> Mappings { get; }

        public FrozenDictionary<long, int> Composites { get; }

        public int Class(int point) => point < 0x300 ? 0 : _classes.GetValueOrDefault(point);

        public static Tables Load()
        {
            using Stream packed = typeof(Tables).Assembly.GetManifestResourceStream("Normalization.bin")!;
            using var stream = new DeflateStream(packed, CompressionMode.Decompress);
            var classes = new Dictionary<int, byte>();
            int point = 0;
            for (int runs = Number(stream); runs > 0; runs--)
            {
                point += Number(stream);
                int length = Number(stream);
                byte value = (byte)Number(stream);
                for (int i = 0; i < length; i++) classes[point++] = value;
            }
            var mappings = new Dictionary<int, Mapping>();
            var composites = new Dictionary<long, int>();
            point = 0;
            int previous = 0;
            for (int count = Number(stream); count > 0; count--)
            {
                point += Number(stream);
                int header = Number(stream);
                int[] parts = new int[header / 3];
                for (int i = 0; i < parts.Length; i++)
                {
                    int zigzag = Number(stream);
                    parts[i] = previous += (zigzag >> 1) ^ -(zigzag & 1);
                }
                mappings[point] = new Mapping(parts, header % 3 == 2);
                if (header % 3 == 0) composites[((long)parts[0] << 32) | (uint)parts[1]] = point;
            }
            return new Tables(classes, mappings, composites);
        }

        private static int Number(DeflateStream stream)
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                int part = stream.ReadByte();
                value |= (part & 0x7F) << shift;
                if (part < 0x80) return value;
            }
        }
    }
}
