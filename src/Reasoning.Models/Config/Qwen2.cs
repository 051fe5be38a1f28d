using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// Qwen2 and Qwen2.5 (Qwen Team 2024, arXiv:2407.10671): biases on queries, keys and values, whatever <c>attention_bias</c> says. If the
/// window is switched on, the layers from <c>max_window_layers</c> on slide, or those that <c>layer_types</c> names.
/// </summary>
internal static class Qwen2
{
    internal static readonly string[] Fields = ["hidden_act", "sliding_window", "use_sliding_window", "max_window_layers", "layer_types"];

    private const int DefaultWindow = 4096;

    internal static readonly ModelFamily Family = new("qwen2", "Qwen2ForCausalLM", new GgufArchitecture("qwen2"))
    {
        MaxPositions = 32_768,
        KeyValueHeads = 32,
        SlidingWindow = DefaultWindow,
        AttentionBias = true,
        Fields = Fields,
        Ignored = ["attention_bias"],
        WrittenFalse = [],
        ReadSliding = ReadSliding,
        WriteSliding = WriteSliding,
    };

    internal static (int? Window, bool[] Layers) ReadSliding(JsonFields fields, int layers)
    {
        bool[]? named = SlidingFields.LayerTypes(fields, layers);
        int first = fields.Int("max_window_layers", 0, int.MaxValue, 28);
        int? window = fields.Bool("use_sliding_window", false) ? SlidingFields.Window(fields, DefaultWindow) : null;
        if (window is null)
        {
            return named?.Contains(true) == true
                ? throw fields.Error(
                    "layer_types", $"names {SlidingFields.Sliding}, but 'use_sliding_window' and 'sliding_window' give no window")
                : (null, []);
        }

        bool[] pattern = named ?? [.. Enumerable.Range(0, layers).Select(layer => layer >= first)];
        return pattern.Contains(true) ? (window, pattern) : (null, []);
    }

    internal static void WriteSliding(ModelConfig config, JsonObject json)
    {
        json["sliding_window"] = config.SlidingWindow;
        json.Remove("max_window_layers");
        json["layer_types"] = SlidingFields.Names(config);
        json["use_sliding_window"] = config.SlidingWindow is not null;
        // Older readers know only the first layer that slides.
        int first = Enumerable.Range(0, config.Layers).TakeWhile(layer => !config.IsSliding(layer)).Count();
        if (Enumerable.Range(first, config.Layers - first).All(config.IsSliding)) json["max_window_layers"] = first;
    }
}
