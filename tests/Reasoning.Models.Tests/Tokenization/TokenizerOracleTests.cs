using System.Globalization;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Ids and texts of every kind of tokenizer compared with Hugging Face's own library.</summary>
public sealed class TokenizerOracleTests(ITestOutputHelper output)
{
    private const int Texts = 20_000;
    private const int Sequences = 1_000;

    // The oracle's tables of combining classes are older than these marks, so that it does not put them in canonical order.
    private const string NewMarks = "\u0C3C\u1AC8\uA82C";

    [Theory]
    [MemberData(nameof(Families.Made), MemberType = typeof(Families))]
    [MemberData(nameof(Families.Published), MemberType = typeof(Families))]
    public void Ids_and_texts_are_those_of_Hugging_Face(string family)
    {
        string json = Families.Json(family);
        Tokenizer tokenizer = Tokenizer.Parse(json);
        using var oracle = new HuggingFace(json);
        var differences = new List<string>();
        List<string> texts = Families.Texts(tokenizer, Texts, except: tokenizer.Normalizer is null ? "" : NewMarks);
        for (int n = 0; n < texts.Count; n++)
        {
            int[] expected = oracle.Encode(texts[n]), found = tokenizer.Encode(texts[n]);
            if (!found.SequenceEqual(expected)) Note(texts[n], expected, found);
            if (n % 3 == 0) CompareTexts(expected);
        }
        for (int n = 0; n < Sequences; n++) CompareTexts(Sequence(n, tokenizer));
        output.WriteLine($"{family}: {texts.Count} texts and {Sequences} sequences of ids, {differences.Count} differences");
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(12)));

        void CompareTexts(int[] ids)
        {
            foreach (bool skips in (bool[])[false, true])
            {
                string expected = oracle.Decode(ids, skips), text = tokenizer.Decode(ids, skips);
                if (text != expected) Note(string.Join(' ', ids), expected.Select(unit => (int)unit), text.Select(unit => (int)unit));
            }
        }

        void Note(string text, IEnumerable<int> expected, IEnumerable<int> found)
            => differences.Add($"{Visible(text)}\n  expected {string.Join(' ', expected)}\n  found    {string.Join(' ', found)}");
    }

    // Ids of all kinds in a row: bytes that are no text, special tokens, halves of characters.
    private static int[] Sequence(int n, Tokenizer tokenizer)
    {
        var random = new KeyedStream(20_001, (ulong)n);
        int[] ids = new int[1 + random.NextInt(12)];
        for (int i = 0; i < ids.Length; i++)
        {
            do ids[i] = random.NextInt(random.NextInt(2) == 0 ? Math.Min(600, tokenizer.VocabSize) : tokenizer.VocabSize);
            while (tokenizer.TextOf(ids[i]) is null);
        }
        return ids;
    }

    private static string Visible(string text) => string.Concat(text.Select(unit =>
        unit is >= ' ' and <= '~' ? unit.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}")));
}
