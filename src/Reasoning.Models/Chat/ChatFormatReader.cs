using System.Text.Json;
using Reasoning.Jinja;
using Reasoning.Models.Files;

namespace Reasoning.Models.Chat;

/// <summary>
/// Reads chat templates from where transformers keeps them: chat_template.jinja with additional_chat_templates/NAME.jinja beside it, else
/// the field <c>chat_template</c> of tokenizer_config.json, a text or a list of named texts, else that of chat_template.json.
/// </summary>
internal static class ChatFormatReader
{
    private const string Config = "tokenizer_config.json";
    private const string Jinja = "chat_template.jinja";
    private const string Json = "chat_template.json";
    private const string Additional = "additional_chat_templates";
    private const string Field = "chat_template";

    /// <summary>The fields that name a token each.</summary>
    internal static readonly string[] TokenFields =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>The templates of a folder, or null where it has none.</summary>
    public static ChatFormat? Read(string folder)
    {
        List<(string Name, string Text, string Where)> templates = Files(folder);
        string source = Path.Combine(folder, Jinja);
        foreach (string name in (string[])[Config, Json])
        {
            if (templates.Count > 0) break;
            source = Path.Combine(folder, name);
            templates = Fields(source);
        }
        return templates.Count == 0 ? null : new ChatFormat(templates, Tokens(folder), source);
    }

    private static List<(string, string, string)> Files(string folder)
    {
        var templates = new List<(string, string, string)>();
        string file = Path.Combine(folder, Jinja), more = Path.Combine(folder, Additional);
        if (File.Exists(file)) templates.Add((ChatFormat.DefaultName, RegularFile.ReadAllText(file, FileLimits.ModelFile), file));
        if (!Directory.Exists(more)) return templates;
        foreach (string named in Directory.EnumerateFiles(more, "*.jinja").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(named);
            if (name != ChatFormat.DefaultName || templates.Count == 0) templates.Add((name, RegularFile.ReadAllText(named, FileLimits.ModelFile), named));
        }
        return templates;
    }

    private static List<(string, string, string)> Fields(string file)
    {
        if (!File.Exists(file)) return [];
        using JsonDocument document = JsonFile.LoadObject(file);
        var fields = new JsonFields(file, document.RootElement);
        if (fields.Find(Field) is not { } value) return [];
        string where = $"{file}: {Field}";
        if (value.ValueKind == JsonValueKind.String) return [(ChatFormat.DefaultName, value.GetString()!, where)];
        if (value.ValueKind != JsonValueKind.Array) throw fields.Wrong(Field, value, "a string or an array of named templates");
        var templates = new List<(string Name, string Text, string Where)>();
        foreach (JsonFields item in fields.Objects(Field))
        {
            string name = item.String("name");
            if (templates.Exists(template => template.Name == name)) throw item.Error("name", $"'{UserErrorException.OneLine(name)}' occurs twice");
            templates.Add((name, item.String("template"), $"{where} '{name}'"));
        }
        return templates;
    }

    /// <summary>The special tokens that templates may name: those of tokenizer_config.json, the rest from special_tokens_map.json.</summary>
    private static List<(string, Value)> Tokens(string folder)
    {
        var tokens = new Dictionary<string, Value>();
        foreach (string name in (string[])[Config, "special_tokens_map.json"])
        {
            string file = Path.Combine(folder, name);
            if (!File.Exists(file)) continue;
            using JsonDocument document = JsonFile.LoadObject(file);
            var fields = new JsonFields(file, document.RootElement);
            foreach (string field in TokenFields)
            {
                if (fields.Find(field) is { } value && Token(fields, field, value) is { } token) tokens.TryAdd(field, new StringValue(token));
            }
            if (fields.Find("additional_special_tokens") is { ValueKind: JsonValueKind.Array } list)
            {
                tokens.TryAdd("additional_special_tokens", SequenceValue.List(
                    [.. list.EnumerateArray().Select(item => Token(fields, "additional_special_tokens", item)).OfType<string>()
                        .Select(token => new StringValue(token))]));
            }
            if (fields.Find("extra_special_tokens") is not { ValueKind: JsonValueKind.Object } extra) continue;
            foreach (JsonProperty item in extra.EnumerateObject())
            {
                if (Token(fields, "extra_special_tokens", item.Value) is { } token) tokens.TryAdd(item.Name, new StringValue(token));
            }
        }
        return [.. tokens.Select(pair => (pair.Key, pair.Value))];
    }

    // Either the text of the token or an object with it.
    private static string? Token(JsonFields fields, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement content)) value = content;
        string? token = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null or JsonValueKind.False or JsonValueKind.True => null,
            _ => throw fields.Wrong(field, value, "a token"),
        };
        return token is { Length: > 0 } ? token : null;
    }
}
