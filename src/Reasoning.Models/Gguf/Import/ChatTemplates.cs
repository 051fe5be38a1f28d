using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Policies;

namespace Reasoning.Models.Gguf.Import;

/// <summary>The chat templates of a checkpoint folder, character for character.</summary>
/// <param name="Default">The one without a name, or the one called default.</param>
/// <param name="Named">The others.</param>
internal sealed record ChatTemplates(string? Default, IReadOnlyList<(string Name, string Text)> Named)
{
    internal const string Key = "tokenizer.chat_template";
    private const string NamesKey = "tokenizer.chat_templates";

    /// <summary>Reads <c>chat_template.jinja</c>, which comes first where there are both, or the field of tokenizer_config.json.</summary>
    /// <exception cref="UserErrorException">A file is malformed.</exception>
    public static ChatTemplates Load(string folder)
    {
        string file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file)) return new ChatTemplates(RegularFile.ReadAllText(file, FileLimits.ModelFile), []);
        string config = Path.Combine(folder, PolicyFiles.TokenizerConfig);
        if (!File.Exists(config)) return new ChatTemplates(null, []);
        using JsonDocument document = JsonFile.LoadObject(config);
        var fields = new JsonFields(config, document.RootElement);
        if (fields.Find("chat_template") is not { ValueKind: JsonValueKind.Array })
            return new ChatTemplates(fields.OptionalString("chat_template"), []);
        List<(string Name, string Text)> all =
            [.. fields.Objects("chat_template").Select(item => (item.String("name"), item.String("template")))];
        return new ChatTemplates(
            all.Where(item => item.Name == "default").Select(item => item.Text).FirstOrDefault(),
            [.. all.Where(item => item.Name != "default")]);
    }

    public void WriteTo(GgufMetadataWriter writer)
    {
        if (Default is not null) writer.Add(Key, Default);
        if (Named.Count == 0) return;
        writer.Add(NamesKey, [.. Named.Select(item => item.Name)]);
        foreach ((string name, string text) in Named) writer.Add($"{Key}.{name}", text);
    }
}
