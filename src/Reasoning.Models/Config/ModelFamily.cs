namespace Reasoning.Models;

/// <summary>
/// What the configuration class of a family in transformers assumes where config.json says nothing, and how the family spells itself.
/// </summary>
internal sealed record ModelFamily(string Name, string Architecture)
{
    internal const string Llama = "llama";
    internal const string Mistral = "mistral";
    internal const string Qwen2 = "qwen2";
    internal const string Qwen3 = "qwen3";
    internal const string Gemma3 = "gemma3_text";

    private static readonly ModelFamily[] s_all =
    [
        new(Llama, "LlamaForCausalLM"),
        new(Mistral, "MistralForCausalLM") { MaxPositions = 131_072, KeyValueHeads = 8, SlidingWindow = 4096 },
        new(Qwen2, "Qwen2ForCausalLM") { MaxPositions = 32_768, KeyValueHeads = 32, SlidingWindow = 4096 },
        new(Qwen3, "Qwen3ForCausalLM") { MaxPositions = 32_768, KeyValueHeads = 32, HeadDim = 128, SlidingWindow = 4096 },
        new(Gemma3, "Gemma3ForCausalLM")
        {
            MaxPositions = 131_072,
            KeyValueHeads = 4,
            HeadDim = 256,
            SlidingWindow = 4096,
            RopeTheta = 1e6,
            LocalRopeTheta = 10_000,
            TieWordEmbeddings = true,
            ActivationField = "hidden_activation",
            Activations = ["gelu_pytorch_tanh"],
        },
    ];

    internal static IReadOnlyList<string> Names { get; } = [.. s_all.Select(family => family.Name)];

    internal int MaxPositions { get; private init; } = 2048;

    /// <summary>Null where the number of query heads is assumed.</summary>
    internal int? KeyValueHeads { get; private init; }

    /// <summary>Null where the width divided by the number of query heads is assumed.</summary>
    internal int? HeadDim { get; private init; }

    internal double RopeTheta { get; private init; } = 10_000;

    /// <summary>Base of sliding layers; null where the family has one base for all.</summary>
    internal double? LocalRopeTheta { get; private init; }

    internal bool TieWordEmbeddings { get; private init; }

    /// <summary>Null where the family has no sliding window.</summary>
    internal int? SlidingWindow { get; private init; }

    internal string ActivationField { get; private init; } = "hidden_act";

    /// <summary>The names that stand for the activation this family is computed with; the first is written.</summary>
    internal string[] Activations { get; private init; } = ["silu", "swish"];

    internal static ModelFamily? Find(string name) => Array.Find(s_all, family => family.Name == name);
}
