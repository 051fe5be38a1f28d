using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Microsoft.ML.Tokenizers;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Tokenization;
using Library = Microsoft.ML.Tokenizers;

namespace Reasoning.Models.Tests.Formats;

/// <summary>
/// Whether the classes of Microsoft.ML.Tokenizers could do our work: their ids beside Hugging Face's, and their speed beside ours. The test
/// fails when a later version of the package changes the answer, so that what is here for its sake can go. docs/tokenizers.md has the table.
/// </summary>
public sealed class LibraryClassesTests(ITestOutputHelper output)
{
    private const int Texts = 20_000;
    private const char Mark = '▁'; // the library puts one before a text that begins with one, or with a space
    private const int Unigram = 1, MergedPairs = 2; // kinds of model in tokenizer.model
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [SlowTheory]
    [MemberData(nameof(Families.Published), MemberType = typeof(Families))]
    public void No_class_of_the_library_gives_the_ids_of_a_whole_family(string family)
    {
        string json = Families.Json(family);
        JsonNode root = JsonNode.Parse(json)!;
        Tokenizer ours = Tokenizer.Parse(json);
        using var oracle = new HuggingFace(json);
        List<string> texts = Families.Texts(ours, Texts, except: "\u0C3C\u1AC8\uA82C");
        List<int[]> expected = [.. texts.Select(oracle.Encode)];
        bool isByteLevel = ours.TokenToId("<0x00>") is null;
        List<(string Name, Func<string, IEnumerable<int>> Encode, bool IsWhole)> ways = [("ours", text => ours.Encode(text), false)];
        if (isByteLevel)
        {
            Dictionary<string, int> added = Added(root);
            Library.Normalizer? normalizer = ours.Normalizer;
            Library.PreTokenizer regex = new RegexPreTokenizer(new Regex(RegexTranslator.Translate(Pattern(root)), RegexOptions.Compiled), added);
            var cuts = new CompositePreTokenizer([new RegexPreTokenizer(AnyOf(added.Keys), null), ours.PreTokenizer!]);
            Library.Tokenizer bpe = Bpe(root, regex, normalizer), bpeWithOurCuts = Bpe(root, cuts, normalizer), tiktoken = Tiktoken(root, regex, normalizer);
            ways.Add(("BpeTokenizer", text => ours.Prefix.Concat(bpe.EncodeToIds(text)), true));
            ways.Add(("BpeTokenizer behind our cuts", text => ours.Prefix.Concat(bpeWithOurCuts.EncodeToIds(text)), false));
            ways.Add(("TiktokenTokenizer", text => ours.Prefix.Concat(tiktoken.EncodeToIds(text)), true));
        }
        else
        {
            Library.Tokenizer piece = SentencePiece(root, ours);
            ways.Add(("SentencePieceTokenizer", text => ours.Prefix.Concat(piece.EncodeToIds(text)), true));
        }
        foreach ((string name, Func<string, IEnumerable<int>> encode, bool isWhole) in ways)
        {
            int different = Differences(family, name, texts, expected, encode);
            if (isWhole) Assert.NotEqual(0, different);
            else if (name == "ours") Assert.Equal(0, different);
        }
    }

    [SlowFact]
    public void No_class_of_the_library_gives_the_ids_of_a_Unigram_model()
    {
        List<string> texts = [.. Enumerable.Range(0, Texts).Select(n => OracleStrings.Text(n, [])).Where(text => text.Length > 0 && text[0] != ' ' && !text.Contains(Mark))];
        (string[] tokens, float[] scores) = Pieces(texts);
        using var oracle = new HuggingFace(new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "Unigram",
                ["unk_id"] = 0,
                ["vocab"] = new JsonArray([.. tokens.Zip(scores, (token, score) => (JsonNode)new JsonArray(token, (double)score))]),
            },
        }.ToJsonString());
        List<int[]> expected = [.. texts.Select(oracle.Encode)];
        SentencePieceTokenizer library = SentencePiece(tokens, scores, Unigram, prefixes: true, unknown: 0, begin: 1, end: 2, []);
        Assert.NotEqual(0, Differences("Unigram", "SentencePieceTokenizer", texts, expected, text => library.EncodeToIds(text)));
        Assert.NotEqual(0, Differences("Unigram", "the same, runs of the unknown joined", texts, expected, text =>
            library.EncodeToIds(text).Where((id, n) => id != 0 || n == 0 || library.EncodeToIds(text)[n - 1] != 0)));
    }

    private int Differences(
        string family, string name, List<string> texts, List<int[]> expected, Func<string, IEnumerable<int>> encode)
    {
        int[] different = [.. Enumerable.Range(0, texts.Count).Where(n => !encode(texts[n]).SequenceEqual(expected[n]))];
        string first = different.Length == 0 ? "" : different.Select(n => texts[n]).MinBy(text => text.Length)!;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {family} | {name} | {different.Length} | {JsonSerializer.Serialize(first, s_readable)} | {Speed(texts, encode) / 1e6:F1} |"));
        return different.Length;
    }

    // Characters and frequent parts of words with the logarithm of how often they occur.
    private static (string[] Tokens, float[] Scores) Pieces(List<string> texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string word in texts.Take(Texts / 2).SelectMany(text => text.Split(' ')).Where(word => word.All(char.IsAscii)))
        {
            string marked = $"▁{word}".Replace("\0", "", StringComparison.Ordinal); // the library's trie takes no null
            for (int start = 0; start < marked.Length; start++)
            {
                for (int end = start + 1; end <= Math.Min(marked.Length, start + 8); end++)
                    counts[marked[start..end]] = counts.GetValueOrDefault(marked[start..end]) + 1;
            }
        }
        KeyValuePair<string, int>[] kept = [.. counts.Where(piece => piece.Key.Length == 1 || piece.Value >= 6).OrderBy(piece => piece.Key, StringComparer.Ordinal)];
        double all = kept.Sum(piece => (long)piece.Value);
        return (["<unk>", "<s>", "</s>", .. kept.Select(piece => piece.Key)], [0, 0, 0, .. kept.Select(piece => (float)Math.Log(piece.Value / all))]);
    }

    private static double Speed(List<string> texts, Func<string, IEnumerable<int>> encode)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long tokens = texts.Sum(text => (long)encode(text).Count());
        return tokens / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static Regex AnyOf(IEnumerable<string> texts) => new(string.Join('|', texts.Select(Regex.Escape)));

    private static string Pattern(JsonNode root)
        => (string?)root["pre_tokenizer"]!["pretokenizers"]?[0]!["pattern"]!["Regex"] ?? WordScanners.Gpt2;

    private static Dictionary<string, int> Added(JsonNode root)
        => root["added_tokens"]!.AsArray().ToDictionary(token => (string)token!["content"]!, token => (int)token!["id"]!);

    private static IEnumerable<KeyValuePair<string, int>> Vocabulary(JsonNode root)
        => root["model"]!["vocab"]!.AsObject().Select(token => KeyValuePair.Create(token.Key, (int)token.Value!));

    private static BpeTokenizer Bpe(JsonNode root, Library.PreTokenizer cuts, Library.Normalizer? normalizer) => BpeTokenizer.Create(new BpeOptions(Vocabulary(root))
    {
        Merges = root["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!),
        ByteLevel = true,
        SpecialTokens = Added(root),
        PreTokenizer = cuts,
        Normalizer = normalizer,
    });

    private static TiktokenTokenizer Tiktoken(JsonNode root, Library.PreTokenizer cuts, Library.Normalizer? normalizer)
    {
        Dictionary<string, int> added = Added(root);
        IEnumerable<string> lines = Vocabulary(root).Where(token => !added.ContainsKey(token.Key)).Select(token =>
            $"{Convert.ToBase64String([.. token.Key.Select(symbol => (byte)ByteAlphabet.ToByte(symbol))])} {token.Value}");
        return TiktokenTokenizer.Create(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), cuts, normalizer, added);
    }

    // The file tokenizer.model that this class reads, with scores for merges.
    private static SentencePieceTokenizer SentencePiece(JsonNode root, Tokenizer ours)
    {
        Dictionary<string, int> added = Added(root);
        string[] tokens = [.. Enumerable.Range(0, ours.VocabSize).Select(id => ours.TextOf(id) ?? $"[PAD{id}]")];
        float[] scores = SentencePieceScores.Of(tokens, [.. root["model"]!["merges"]!.AsArray().Select(merge =>
            merge is JsonArray pair ? ((string)pair[0]!, (string)pair[1]!) : (((string)merge!).Split(' ')[0], ((string)merge!).Split(' ')[1]))]);
        bool prefixes = root["normalizer"]!.ToJsonString().Contains("Prepend", StringComparison.Ordinal);
        int end = added.GetValueOrDefault("</s>", added.GetValueOrDefault("<eos>"));
        return SentencePiece(tokens, scores, MergedPairs, prefixes, added["<unk>"], ours.Prefix[0], end, added);
    }

    private static SentencePieceTokenizer SentencePiece(
        string[] tokens, float[] scores, int kind, bool prefixes, int unknown, int begin, int end, Dictionary<string, int> added)
    {
        byte[] model = Message(file =>
        {
            for (int id = 0; id < tokens.Length; id++)
            {
                string token = tokens[id];
                bool isByte = kind == MergedPairs && Regex.IsMatch(token, "^<0x[0-9A-F]{2}>$");
                int type = id == unknown ? 2 : isByte ? 6 : id == begin || id == end || added.ContainsKey(token) ? 3 : 1;
                Field(file, 1, Message(piece =>
                {
                    Field(piece, 1, Encoding.UTF8.GetBytes(token));
                    piece.WriteTag(2, WireFormat.WireType.Fixed32);
                    piece.WriteFloat(scores[id]);
                    Number(piece, (3, type));
                }));
            }
            int fallsBack = kind == MergedPairs ? 1 : 0;
            Field(file, 2, Message(trainer => Number(trainer, (3, kind), (35, fallsBack), (40, unknown), (41, begin), (42, end))));
            Field(file, 3, Message(normalizer => Number(normalizer, (3, prefixes ? 1 : 0), (4, 0), (5, 1))));
        });
        return SentencePieceTokenizer.Create(new MemoryStream(model), addBeginningOfSentence: false, addEndOfSentence: false, added);
    }

    private static byte[] Message(Action<CodedOutputStream> fields)
    {
        var bytes = new MemoryStream();
        using (var writer = new CodedOutputStream(bytes, leaveOpen: true)) fields(writer);
        return bytes.ToArray();
    }

    private static void Field(CodedOutputStream writer, int field, byte[] value)
    {
        writer.WriteTag(field, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(ByteString.CopyFrom(value));
    }

    private static void Number(CodedOutputStream writer, params ReadOnlySpan<(int Field, int Value)> numbers)
    {
        foreach ((int field, int value) in numbers)
        {
            writer.WriteTag(field, WireFormat.WireType.Varint);
            writer.WriteInt32(value);
        }
    }
}
