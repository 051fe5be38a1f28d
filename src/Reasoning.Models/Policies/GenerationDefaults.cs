using System.Text.Json;
using Reasoning.Models.Chat;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Policies;

/// <summary>
/// The tokens that end a checkpoint's answers: base and chat checkpoints differ in which of their files name which token, so all of them
/// count, each with the files that name it. Its suggestions for sampling are not read: the command line and the recipe say how.
/// </summary>
public sealed record GenerationDefaults
{
    private const int MaxIds = 1 << 24;

    /// <summary>The tokens that end an answer, in ascending order; may be empty.</summary>
    public int[] EosIds { get; init; } = [];

    /// <summary>For each id in <see cref="EosIds"/>: the files that name it.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> Sources { get; init; } = new Dictionary<int, IReadOnlyList<string>>();

    /// <summary>Reads config.json and generation_config.json of a checkpoint folder; either may be missing.</summary>
    /// <exception cref="UserErrorException">A file is malformed or a value out of range.</exception>
    public static GenerationDefaults Load(string folder)
    {
        var sources = new SortedDictionary<int, List<string>>();
        AddEos(folder, "config.json", sources);
        AddEos(folder, "generation_config.json", sources);
        return new GenerationDefaults
        {
            EosIds = [.. sources.Keys],
            Sources = sources.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value),
        };
    }

    /// <summary>
    /// The tokens that end an answer, with their texts, and with the end token of tokenizer_config.json among them.
    /// </summary>
    public IReadOnlyList<StopToken> StopTokens(Tokenizer tokenizer)
    {
        var sources = new SortedDictionary<int, List<string>>();
        foreach ((int id, IReadOnlyList<string> files) in Sources) sources[id] = [.. files];
        if (tokenizer.EosId is { } end) AddSource(sources, end, "tokenizer_config.json");
        return [.. sources.Select(pair => new StopToken(pair.Key, tokenizer.TextOf(pair.Key) ?? $"<{pair.Key}>", pair.Value))];
    }

    private static void AddEos(string folder, string name, SortedDictionary<int, List<string>> sources)
    {
        string file = Path.Combine(folder, name);
        if (!File.Exists(file)) return;
        using JsonDocument document = JsonFile.LoadObject(file);
        foreach (int id in new JsonFields(file, document.RootElement).IntOrInts("eos_token_id", 0, MaxIds)) AddSource(sources, id, name);
    }

    private static void AddSource(SortedDictionary<int, List<string>> sources, int id, string name)
    {
        if (!sources.TryGetValue(id, out List<string>? names)) sources[id] = names = [];
        if (!names.Contains(name)) names.Add(name);
    }
}
