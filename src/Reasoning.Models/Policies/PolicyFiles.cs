using System.Text.Encodings.Web;
using System.Text.Json;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Policies;

/// <summary>The small files of a checkpoint folder, for a policy that was made here rather than loaded with them.</summary>
internal static class PolicyFiles
{
    internal const string GenerationConfig = "generation_config.json";
    internal const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>generation_config.json: the first token and the tokens that end an answer.</summary>
    internal static byte[] NewGenerationConfig(ModelConfig config, IReadOnlyList<StopToken> stops) => JsonFile.Text(writer =>
    {
        if (config.BosId is { } bos)
            writer.WriteNumber("bos_token_id", bos);
        if (stops.Count == 0)
            return;
        writer.WriteStartArray("eos_token_id");
        foreach (StopToken stop in stops)
            writer.WriteNumberValue(stop.Id);
        writer.WriteEndArray();
    }, JavaScriptEncoder.Default);

    /// <summary>tokenizer_config.json: names of the special tokens. What stands around a text is in tokenizer.json.</summary>
    internal static byte[] NewTokenizerConfig(ModelConfig config, Tokenizer tokenizer) => JsonFile.Text(writer =>
    {
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        WriteToken(writer, "bos_token", tokenizer, tokenizer.BosId);
        WriteToken(writer, "eos_token", tokenizer, tokenizer.EosId);
        WriteToken(writer, "pad_token", tokenizer, tokenizer.PadId);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        writer.WriteNumber("model_max_length", config.MaxPositions);
    }, JavaScriptEncoder.Default);

    private static void WriteToken(Utf8JsonWriter writer, string field, Tokenizer tokenizer, int? id)
    {
        if (id is { } token)
            writer.WriteString(field, tokenizer.IdToToken(token));
    }
}
