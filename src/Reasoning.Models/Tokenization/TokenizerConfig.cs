using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>What tokenizer_config.json, or special_tokens_map.json in its absence, says about special tokens.</summary>
internal sealed record TokenizerConfig
{
    public string? BosToken { get; init; }

    public string? EosToken { get; init; }

    public string? PadToken { get; init; }

    /// <summary>Whether a text begins with <see cref="BosToken"/>; null leaves it to tokenizer.json.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether a text ends with <see cref="EosToken"/>; null leaves it to tokenizer.json.</summary>
    public bool? AddEos { get; init; }

    /// <summary>The settings in a folder; all empty when there is no such file.</summary>
    public static TokenizerConfig Load(string folder)
    {
        TokenizerConfig config = LoadFile(Path.Combine(folder, "tokenizer_config.json"));
        TokenizerConfig map = LoadFile(Path.Combine(folder, "special_tokens_map.json"));
        return config with
        {
            BosToken = config.BosToken ?? map.BosToken,
            EosToken = config.EosToken ?? map.EosToken,
            PadToken = config.PadToken ?? map.PadToken,
        };
    }

    public static TokenizerConfig Parse(string json, string file)
    {
        using JsonDocument document = JsonFile.ParseObject(System.Text.Encoding.UTF8.GetBytes(json), file);
        return Read(new JsonFields(file, document.RootElement));
    }

    private static TokenizerConfig LoadFile(string file)
    {
        if (!File.Exists(file)) return new TokenizerConfig();
        using JsonDocument document = JsonFile.LoadObject(file);
        return Read(new JsonFields(file, document.RootElement));
    }

    private static TokenizerConfig Read(JsonFields fields) => new()
    {
        BosToken = Token(fields, "bos_token"),
        EosToken = Token(fields, "eos_token"),
        PadToken = Token(fields, "pad_token"),
        AddBos = Flag(fields, "add_bos_token"),
        AddEos = Flag(fields, "add_eos_token"),
    };

    private static bool? Flag(JsonFields fields, string field) => fields.Has(field) ? fields.Bool(field, false) : null;

    // Either the text of the token or an object with it.
    private static string? Token(JsonFields fields, string field)
    {
        if (fields.Find(field) is not { } value) return null;
        string? token = value.ValueKind == JsonValueKind.Object ? fields.Object(field).String("content") : fields.OptionalString(field);
        return token is { Length: > 0 } ? token : null;
    }
}
