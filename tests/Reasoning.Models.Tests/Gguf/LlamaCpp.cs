using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>llama.cpp as a reader of our files, through tests/oracles/gguf-llama.mjs.</summary>
internal static class LlamaCpp
{
    internal static JsonObject Request(
        string file, bool vocabOnly = false, IEnumerable<string>? texts = null, IEnumerable<int>? ends = null,
        IEnumerable<int[]>? scores = null, int[]? greedy = null, int count = 0) => new()
        {
            ["file"] = file,
            ["vocabOnly"] = vocabOnly,
            ["texts"] = JsonSerializer.SerializeToNode(texts ?? []),
            ["ends"] = JsonSerializer.SerializeToNode(ends ?? []),
            ["scores"] = JsonSerializer.SerializeToNode(scores ?? []),
            ["greedy"] = JsonSerializer.SerializeToNode(greedy ?? []),
            ["count"] = count,
        };

    /// <summary>Asks in one process; each answer is checked to be no error.</summary>
    internal static List<LlamaAnswer> Ask(params IEnumerable<JsonObject> requests)
    {
        string answers = NodeOracle.Run("gguf-llama.mjs", [], new JsonArray([.. requests]).ToJsonString());
        using JsonDocument document = JsonDocument.Parse(answers);
        return [.. document.RootElement.EnumerateArray().Select(answer => new LlamaAnswer(answer.Clone()))];
    }
}
