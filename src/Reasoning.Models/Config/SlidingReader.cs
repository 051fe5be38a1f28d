using System.Text.Json;

namespace Reasoning.Models;

/// <summary>
/// Which layers attend to the last tokens only, and to how many. Mistral: all of them, if there is a window. Qwen: if the window is
/// switched on, those from <c>max_window_layers</c> on. Gemma 3: all but every n-th. <c>layer_types</c> overrides both.
/// </summary>
internal static class SlidingReader
{
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    public static (int? Window, bool[] Layers) Read(JsonFields fields, ModelFamily family, int layers)
    {
        switch (family.Name)
        {
            case ModelFamily.Mistral:
                return (Window(fields, family), []);
            case ModelFamily.Gemma3:
                int period = fields.OptionalInt("sliding_window_pattern", 1, int.MaxValue)
                    ?? fields.Int("_sliding_window_pattern", 1, int.MaxValue, 6);
                bool[] pattern = LayerTypes(fields, layers) ?? [.. Enumerable.Range(1, layers).Select(n => n % period != 0)];
                int? window = Window(fields, family);
                return window is null && pattern.Contains(true)
                    ? throw fields.Error("sliding_window", "is null, but layers slide")
                    : (window, pattern);
            case ModelFamily.Qwen2 or ModelFamily.Qwen3:
                return Qwen(fields, family, layers);
            default:
                return (null, []);
        }
    }

    /// <summary><c>layer_types</c> for a writer.</summary>
    public static IEnumerable<string> Names(ModelConfig config) =>
        Enumerable.Range(0, config.Layers).Select(layer => config.IsSliding(layer) ? Sliding : Full);

    private static (int? Window, bool[] Layers) Qwen(JsonFields fields, ModelFamily family, int layers)
    {
        bool[]? named = LayerTypes(fields, layers);
        int first = fields.Int("max_window_layers", 0, int.MaxValue, 28);
        int? window = fields.Bool("use_sliding_window", false) ? Window(fields, family) : null;
        if (window is null)
        {
            return named?.Contains(true) == true
                ? throw fields.Error("layer_types", $"names {Sliding}, but 'use_sliding_window' and 'sliding_window' give no window")
                : (null, []);
        }

        bool[] pattern = named ?? [.. Enumerable.Range(0, layers).Select(layer => layer >= first)];
        return pattern.Contains(true) ? (window, pattern) : (null, []);
    }

    // An absent field stands for the family's default, null for no window.
    private static int? Window(JsonFields fields, ModelFamily family) =>
        fields.Element.TryGetProperty("sliding_window", out _)
            ? fields.OptionalInt("sliding_window", 1, int.MaxValue)
            : family.SlidingWindow;

    private static bool[]? LayerTypes(JsonFields fields, int layers)
    {
        if (fields.Find("layer_types") is not { } types) return null;
        if (types.ValueKind != JsonValueKind.Array) throw fields.Wrong("layer_types", types, "an array");
        if (types.GetArrayLength() != layers)
            throw fields.Error("layer_types", $"has {types.GetArrayLength()} entries for {layers} layers");
        return [.. types.EnumerateArray().Select(IsSliding)];

        bool IsSliding(JsonElement type) => (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
        {
            Sliding => true,
            Full => false,
            _ => throw fields.Wrong("layer_types", type, $"{Full} or {Sliding}"),
        };
    }
}
