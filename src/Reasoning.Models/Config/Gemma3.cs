using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// The text model of Gemma 3 (Gemma Team 2025, arXiv:2503.19786): norms around both blocks, with one plus their weight; scaled embeddings;
/// GELU gates; all layers slide but every n-th, and sliding layers rotate by a base of their own.
/// </summary>
internal static class Gemma3
{
    private const int DefaultWindow = 4096, DefaultPeriod = 6;

    internal static readonly ModelFamily Family = new("gemma3_text", "Gemma3ForCausalLM", new GgufArchitecture("gemma3")
    {
        SlidingPeriod = DefaultPeriod,
        // Readers know the one size that differs by its number of layers.
        QueryScalar = config => config.Layers == 62 ? (double)config.HiddenSize / config.Heads : config.HeadDim,
    })
    {
        MaxPositions = 131_072,
        KeyValueHeads = 4,
        HeadDim = 256,
        SlidingWindow = DefaultWindow,
        RopeTheta = 1e6,
        LocalRopeTheta = 10_000,
        TieWordEmbeddings = true,
        QkNorm = true,
        ZeroCenteredNorms = true,
        SandwichNorms = true,
        ScalesEmbeddings = true,
        QueryScalar = 256,
        ActivationField = "hidden_activation",
        Activations = ["gelu_pytorch_tanh"],
        Activation = GatedActivation.GeluTanh,
        Fields =
        [
            "sliding_window", "layer_types", "sliding_window_pattern", "_sliding_window_pattern", "hidden_activation",
            "query_pre_attn_scalar", "rope_local_base_freq",
        ],
        ReadSliding = ReadSliding,
        WriteSliding = WriteSliding,
    };

    private static (int? Window, bool[] Layers) ReadSliding(JsonFields fields, int layers)
    {
        int period = fields.OptionalInt("sliding_window_pattern", 1, int.MaxValue)
            ?? fields.Int("_sliding_window_pattern", 1, int.MaxValue, DefaultPeriod);
        bool[] pattern = SlidingFields.LayerTypes(fields, layers) ?? [.. Enumerable.Range(1, layers).Select(n => n % period != 0)];
        int? window = SlidingFields.Window(fields, DefaultWindow);
        return window is null && pattern.Contains(true)
            ? throw fields.Error("sliding_window", "is null, but layers slide")
            : (window, pattern);
    }

    private static void WriteSliding(ModelConfig config, JsonObject json)
    {
        json["sliding_window"] = config.SlidingWindow;
        foreach (string field in (string[])["sliding_window_pattern", "_sliding_window_pattern"]) json.Remove(field);
        json["layer_types"] = SlidingFields.Names(config);
    }
}
