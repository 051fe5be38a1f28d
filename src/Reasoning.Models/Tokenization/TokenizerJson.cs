using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>Writes the files of a tokenizer: the parts of all, and the whole of one that <see cref="BpeTrainer"/> has learned.</summary>
internal static class TokenizerJson
{
    // One digit at a time, then words as in GPT-2, then bytes.
    private const string PreTokenizer = """
        {"type":"Sequence","pretokenizers":[
          {"type":"Digits","individual_digits":true},
          {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
        """;

    private const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    private static readonly string[] s_absent = ["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"];
    private static readonly string[] s_off = ["fuse_unk", "byte_fallback", "ignore_merges"];
    private static readonly string[] s_addedOff = ["single_word", "lstrip", "rstrip", "normalized"];

    /// <summary>The steps of the pre-tokenizer that <see cref="Write"/> writes.</summary>
    public static List<PreTokenizerStep> PreTokenizerSteps()
    {
        using JsonDocument document = JsonDocument.Parse(PreTokenizer);
        return PreTokenizers.Read(new JsonFields("tokenizer.json", document.RootElement, "pre_tokenizer"));
    }

    public static string Write(
        List<string> tokens, List<(string Left, string Right)> merges, IReadOnlyList<string> specialTokens, string? bosToken)
        => Encoding.UTF8.GetString(JsonFile.Text(writer =>
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        for (int id = 0; id < specialTokens.Count; id++) WriteAdded(writer, id, specialTokens[id], isSpecial: true);
        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        WriteRaw(writer, "pre_tokenizer", PreTokenizer);
        if (bosToken is null) WriteRaw(writer, "post_processor", ByteLevel);
        else WriteTemplate(writer, (bosToken, tokens.IndexOf(bosToken)), null);
        WriteRaw(writer, "decoder", ByteLevel);
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        foreach (string absent in s_absent) writer.WriteNull(absent);
        foreach (string off in s_off) writer.WriteBoolean(off, false);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < tokens.Count; id++) writer.WriteNumber(tokens[id], id);
        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach ((string left, string right) in merges) writer.WriteStringValue($"{left} {right}");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }));

    public static string WriteConfig(string eosToken, string? bosToken, int maxLength) => Encoding.UTF8.GetString(JsonFile.Text(writer =>
    {
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        writer.WriteString("bos_token", bosToken);
        writer.WriteString("eos_token", eosToken);
        writer.WriteString("pad_token", eosToken);
        writer.WriteBoolean("add_bos_token", bosToken is not null);
        writer.WriteBoolean("add_eos_token", false);
        writer.WriteNumber("model_max_length", maxLength);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
    }));

    /// <summary>One of the <c>added_tokens</c>.</summary>
    public static void WriteAdded(Utf8JsonWriter writer, int id, string content, bool isSpecial)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        writer.WriteString("content", content);
        foreach (string off in s_addedOff) writer.WriteBoolean(off, false);
        writer.WriteBoolean("special", isSpecial);
        writer.WriteEndObject();
    }

    /// <summary>The <c>post_processor</c> that puts a token before each text, and one after it.</summary>
    public static void WriteTemplate(Utf8JsonWriter writer, (string Token, int Id)? before, (string Token, int Id)? after)
    {
        JsonArray single = Around("A", 0), pair = [.. Around("A", 0).Concat(Around("B", 1)).Select(part => part!.DeepClone())];
        var ids = new JsonObject();
        foreach ((string token, int id) in ((IEnumerable<(string, int)?>)[before, after]).OfType<(string, int)>().Distinct())
            ids[token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) };
        writer.WritePropertyName("post_processor");
        new JsonObject { ["type"] = "TemplateProcessing", ["single"] = single, ["pair"] = pair, ["special_tokens"] = ids }.WriteTo(writer);

        JsonArray Around(string sequence, int type)
        {
            JsonArray parts = [Part("Sequence", sequence, type)];
            if (before is { } first) parts.Insert(0, Part("SpecialToken", first.Token, type));
            if (after is { } last) parts.Add(Part("SpecialToken", last.Token, type));
            return parts;
        }

        static JsonNode Part(string kind, string id, int type)
            => new JsonObject { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
    }

    /// <summary>A field that is JSON already: through a document, so that it is indented like the rest.</summary>
    public static void WriteRaw(Utf8JsonWriter writer, string name, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        writer.WritePropertyName(name);
        document.RootElement.WriteTo(writer);
    }
}
