using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>
/// From the vocabulary of a GGUF file back to tokenizer.json and tokenizer_config.json: a tokenizer that gives the ids readers of the file
/// give, and that can be saved in a checkpoint folder.
/// </summary>
internal static class VocabularyTokenizer
{
    private const string Mark = "▁";

    /// <summary>The text of tokenizer.json.</summary>
    public static byte[] TokenizerJson(GgufVocabulary vocabulary) => JsonFile.Text(writer =>
    {
        bool isByteLevel = vocabulary.Model == GgufVocabulary.ByteLevel;
        PreTokenizerRule? rule = isByteLevel ? PreTokenizerNames.Find(vocabulary.Pre) : null;
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        WriteAdded(writer, vocabulary);
        if (isByteLevel) WriteByteLevel(writer, rule!);
        else WriteSentencePiece(writer, vocabulary.AddSpacePrefix);
        WriteAround(writer, vocabulary);
        WriteModel(writer, vocabulary, rule);
    });

    /// <summary>The text of tokenizer_config.json.</summary>
    /// <param name="vocabulary">Where the special tokens are.</param>
    /// <param name="chatTemplate">The chat template, or null.</param>
    /// <param name="maxLength">Longest sequence of the model, in tokens.</param>
    public static byte[] ConfigJson(GgufVocabulary vocabulary, string? chatTemplate, int maxLength) => JsonFile.Text(writer =>
    {
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");

        // A model without a first token names its last one there, for readers that insist on an id.
        bool hasBos = vocabulary.AddBos || vocabulary.Bos != vocabulary.Eos;
        WriteToken("bos_token", hasBos ? vocabulary.Bos : null);
        WriteToken("eos_token", vocabulary.Eos);
        WriteToken("pad_token", vocabulary.Padding);
        WriteToken("unk_token", vocabulary.Unknown);
        writer.WriteBoolean("add_bos_token", vocabulary.AddBos);
        writer.WriteBoolean("add_eos_token", vocabulary.AddEos);
        writer.WriteNumber("model_max_length", maxLength);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        if (chatTemplate is not null) writer.WriteString("chat_template", chatTemplate);

        void WriteToken(string field, int? id)
        {
            if (id is { } token && HasText(vocabulary, token)) writer.WriteString(field, vocabulary.Tokens[token]);
        }
    });

    private static bool HasText(GgufVocabulary vocabulary, int id)
        => vocabulary.Types[id] != GgufTokenType.Unused && vocabulary.Tokens[id].Length > 0;

    private static void WriteAdded(Utf8JsonWriter writer, GgufVocabulary vocabulary)
    {
        writer.WriteStartArray("added_tokens");
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
        {
            bool isAdded = vocabulary.Types[id] is GgufTokenType.Control or GgufTokenType.UserDefined or GgufTokenType.Unknown;
            if (!isAdded || !HasText(vocabulary, id)) continue;
            Tokenization.TokenizerJson.WriteAdded(writer, id, vocabulary.Tokens[id], vocabulary.Types[id] != GgufTokenType.UserDefined);
        }

        writer.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer, PreTokenizerRule rule)
    {
        if (rule.ComposesFirst) Tokenization.TokenizerJson.WriteRaw(writer, "normalizer", """{"type":"NFC"}""");
        else writer.WriteNull("normalizer");
        IEnumerable<string> steps = rule.Patterns.Select(pattern => pattern switch
        {
            PreTokenizerNames.Digit => """{"type":"Digits","individual_digits":true}""",
            WordScanners.Gpt2 => ByteLevel(useRegex: true),
            _ => $$"""{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(pattern)}}},"behavior":"Isolated","invert":false}""",
        });
        if (!rule.Patterns.Contains(WordScanners.Gpt2)) steps = steps.Append(ByteLevel(useRegex: false));
        Tokenization.TokenizerJson.WriteRaw(writer, "pre_tokenizer", $$"""{"type":"Sequence","pretokenizers":[{{string.Join(',', steps)}}]}""");
        Tokenization.TokenizerJson.WriteRaw(writer, "decoder", ByteLevel(useRegex: true));

        static string ByteLevel(bool useRegex)
            => $$"""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":{{(useRegex ? "true" : "false")}}}""";
    }

    private static void WriteSentencePiece(Utf8JsonWriter writer, bool addsPrefix)
    {
        string replace = $$$"""{"type":"Replace","pattern":{"String":" "},"content":"{{{Mark}}}"}""";
        string prepend = $$"""{"type":"Prepend","prepend":"{{Mark}}"},""";
        Tokenization.TokenizerJson.WriteRaw(writer, "normalizer", $$"""{"type":"Sequence","normalizers":[{{(addsPrefix ? prepend : "")}}{{replace}}]}""");
        writer.WriteNull("pre_tokenizer");
        string strip = addsPrefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "";
        Tokenization.TokenizerJson.WriteRaw(writer, "decoder", $$$"""
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"{{{Mark}}}"},"content":" "},{"type":"ByteFallback"},
            {"type":"Fuse"}{{{strip}}}]}
            """);
    }

    private static void WriteAround(Utf8JsonWriter writer, GgufVocabulary vocabulary)
    {
        int? before = vocabulary.AddBos ? vocabulary.Bos : null, after = vocabulary.AddEos ? vocabulary.Eos : null;
        if (before is null && after is null) writer.WriteNull("post_processor");
        else Tokenization.TokenizerJson.WriteTemplate(writer, Token(before), Token(after));

        (string, int)? Token(int? id)
            => id is { } known ? (HasText(vocabulary, known) ? vocabulary.Tokens[known] : $"<{known}>", known) : null;
    }

    private static void WriteModel(Utf8JsonWriter writer, GgufVocabulary vocabulary, PreTokenizerRule? rule)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        bool hasUnknown = rule is null && vocabulary.Unknown is { } unknown && HasText(vocabulary, unknown);
        writer.WriteString("unk_token", hasUnknown ? vocabulary.Tokens[vocabulary.Unknown!.Value] : null);
        writer.WriteBoolean("fuse_unk", rule is null);
        writer.WriteBoolean("byte_fallback", rule is null);
        writer.WriteBoolean("ignore_merges", rule is { IgnoresMerges: true });
        writer.WriteStartObject("vocab");
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
        {
            // Added tokens of the byte-level kind stand outside the model's alphabet.
            bool isOutside = rule is not null && vocabulary.Types[id] is GgufTokenType.Control or GgufTokenType.UserDefined;
            if (HasText(vocabulary, id) && !isOutside) writer.WriteNumber(vocabulary.Tokens[id], id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach ((string left, string right) in Merges(vocabulary))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static IEnumerable<(string Left, string Right)> Merges(GgufVocabulary vocabulary)
    {
        if (vocabulary.Merges is not { } merges)
        {
            return SentencePieceScores.Merges(vocabulary.Tokens, vocabulary.IsMerged, vocabulary.Scores!);
        }

        return merges.Select(merge =>
        {
            int space = merge.IndexOf(' ', Math.Min(1, merge.Length));
            return space < 0 ? (merge, "") : (merge[..space], merge[(space + 1)..]);
        });
    }
}
