using System.Text.Json.Nodes;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Small tokenizer.json texts.</summary>
internal static class TinyTokenizers
{
    /// <summary>Byte-level, without merges: special tokens, then one token for each byte.</summary>
    public static string Bytes(params string[] specialTokens) => BpeTrainer.Train([], 256 + specialTokens.Length, specialTokens);

    /// <summary>Byte-level, with the merges that a few lines of text teach.</summary>
    public static string Trained(int size = 400, string? bos = null)
        => BpeTrainer.Train(Enumerable.Repeat(Corpus, 3), size, ["<|endoftext|>", "<|user|>"], bos);

    public const string Corpus = """
        Natalia sold 48 clips to her friends in April, and then she sold half as many clips in May. How many clips did she sell?
        The answer is the number of clips that she sold in April and in May together. She doesn't sell any more; that's all.
        """;

    /// <summary>A SentencePiece-style tokenizer: spaces as marks, byte tokens for what has no token.</summary>
    public static string SentencePiece()
    {
        var vocab = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (int value = 0; value < 256; value++) vocab[$"<0x{value:X2}>"] = vocab.Count;
        foreach (string token in (string[])["▁", "a", "b", "c", "ab", "▁ab", "abc", "▁abc"]) vocab[token] = vocab.Count;
        var root = JsonNode.Parse("""
            {
              "added_tokens": [
                {"id": 0, "content": "<unk>", "special": true, "normalized": false},
                {"id": 1, "content": "<s>", "special": true, "normalized": false},
                {"id": 2, "content": "</s>", "special": true, "normalized": false}],
              "normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
              "pre_tokenizer": null,
              "post_processor": {"type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
                "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
              "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
              "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
                "merges": [["a", "b"], ["▁", "ab"], "ab c", "▁ab c"]}
            }
            """)!;
        root["model"]!["vocab"] = vocab;
        return root.ToJsonString();
    }

    /// <summary>A tokenizer.json with one field replaced; the path uses dots, and numbers for places in arrays.</summary>
    public static string With(string json, string path, string value)
    {
        JsonNode root = JsonNode.Parse(json)!;
        string[] steps = path.Split('.');
        JsonNode parent = root;
        foreach (string step in steps[..^1]) parent = int.TryParse(step, out int index) ? parent[index]! : parent[step]!;
        if (int.TryParse(steps[^1], out int last)) parent[last] = JsonNode.Parse(value);
        else parent[steps[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }
}
