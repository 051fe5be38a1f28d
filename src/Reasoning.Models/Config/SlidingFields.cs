using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>The fields of config.json that say which layers attend to the last tokens only, and to how many, as families share them.</summary>
internal static class SlidingFields
{
    internal const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    /// <summary>The window: an absent field stands for the family's default, null for none.</summary>
    public static int? Window(JsonFields fields, int fallback) =>
        fields.Element.TryGetProperty("sliding_window", out _) ? fields.OptionalInt("sliding_window", 1, int.MaxValue) : fallback;

    /// <summary><c>layer_types</c> for a writer.</summary>
    public static JsonArray Names(ModelConfig config) =>
        new([.. Enumerable.Range(0, config.Layers).Select(layer => (JsonNode)(config.IsSliding(layer) ? Sliding : Full))]);

    /// <summary>Which layers slide, as <c>layer_types</c> says it; null where it is absent.</summary>
    public static bool[]? LayerTypes(JsonFields fields, int layers)
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
