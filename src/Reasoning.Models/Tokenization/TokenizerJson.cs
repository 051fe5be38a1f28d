using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reasoning.Models;

/// <summary>Writes the files of a tokenizer that <see cref="BpeTrainer"/> has learned.</summary>
internal static class TokenizerJson
{
    // One digit at a time, then words as in GPT-2, then bytes.
    private const string PreTokenizer = """
        {"type":"Sequence","pretokenizers":[
          {"type":"Digits","individual_digits":true},
          {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
        """;

    private const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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
        => Text(writer =>
    {
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        for (int id = 0; id < specialTokens.Count; id++) WriteAdded(writer, id, specialTokens[id]);
        writer.WriteEndArray();
        writer.WriteNull("normalizer");
        WriteRaw(writer, "pre_tokenizer", PreTokenizer);
        if (bosToken is null) WriteRaw(writer, "post_processor", ByteLevel);
        else WriteTemplate(writer, bosToken, tokens.IndexOf(bosToken));
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
    });

    public static string WriteConfig(string eosToken, string? bosToken, int maxLength) => Text(writer =>
    {
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        if (bosToken is null) writer.WriteNull("bos_token");
        else writer.WriteString("bos_token", bosToken);
        writer.WriteString("eos_token", eosToken);
        writer.WriteString("pad_token", eosToken);
        writer.WriteBoolean("add_bos_token", bosToken is not null);
        writer.WriteBoolean("add_eos_token", false);
        writer.WriteNumber("model_max_length", maxLength);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
    });

    private static void WriteAdded(Utf8JsonWriter writer, int id, string content)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", id);
        writer.WriteString("content", content);
        foreach (string off in s_addedOff) writer.WriteBoolean(off, false);
        writer.WriteBoolean("special", true);
        writer.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter writer, string bosToken, int bosId)
    {
        string bos = JsonSerializer.Serialize(bosToken);
        WriteRaw(writer, "post_processor", $$$$"""
            {"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":{{{{bos}}}},"type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"SpecialToken":{"id":{{{{bos}}}},"type_id":0}},
               {"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
             "special_tokens":{{{{{bos}}}}:{"id":{{{{bos}}}},"ids":[{{{{bosId}}}}],"tokens":[{{{{bos}}}}]}}}
            """);
    }

    // Through a document, so that it is indented like the rest.
    private static void WriteRaw(Utf8JsonWriter writer, string name, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        writer.WritePropertyName(name);
        document.RootElement.WriteTo(writer);
    }

    private static string Text(Action<Utf8JsonWriter> writeFields)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writeFields(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
