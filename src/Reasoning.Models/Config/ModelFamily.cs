using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// All that sets a family of models apart, in one file each: what its configuration class in transformers assumes where config.json says
/// nothing, which fields only it has, how it computes, and its names in GGUF files. To add a family, write its file and list it here.
/// </summary>
/// <param name="Name">Its <c>model_type</c>.</param>
/// <param name="Architecture">The class in transformers.</param>
/// <param name="Gguf">How files of GGUF say it; several families may share one.</param>
internal sealed record ModelFamily(string Name, string Architecture, GgufArchitecture Gguf)
{
    internal static readonly ModelFamily[] All = [Llama.Family, Mistral.Family, Qwen2.Family, Qwen3.Family, Gemma3.Family];

    internal static IEnumerable<string> Names => All.Select(family => family.Name);

    internal int MaxPositions { get; init; } = 2048;

    /// <summary>Null where the number of query heads is assumed.</summary>
    internal int? KeyValueHeads { get; init; }

    /// <summary>Null where the width divided by the number of query heads is assumed.</summary>
    internal int? HeadDim { get; init; }

    internal double RopeTheta { get; init; } = 10_000;

    /// <summary>Base of sliding layers; null where the family has one base for all.</summary>
    internal double? LocalRopeTheta { get; init; }

    internal bool TieWordEmbeddings { get; init; }

    /// <summary>Fields of config.json that are read for this family and not for all.</summary>
    internal string[] Fields { get; init; } = [];

    /// <summary>Fields that others must leave at a neutral value, and that have no effect here.</summary>
    internal string[] Ignored { get; init; } = [];

    /// <summary>Fields that are written as false into a new config.json.</summary>
    internal string[] WrittenFalse { get; init; } = ["attention_bias"];

    internal string ActivationField { get; init; } = "hidden_act";

    /// <summary>The names that stand for <see cref="Activation"/>; the first is written.</summary>
    internal string[] Activations { get; init; } = ["silu", "swish"];

    /// <summary>The function on the gate of the feed-forward block.</summary>
    internal GatedActivation Activation { get; init; } = GatedActivation.Silu;

    /// <summary>Whether the query, key and value projections have a bias. The output projection never has.</summary>
    internal bool AttentionBias { get; init; }

    /// <summary>Whether queries and keys are RMS-normed per head before the rotation.</summary>
    internal bool QkNorm { get; init; }

    /// <summary>Whether norms multiply by one plus their weight.</summary>
    internal bool ZeroCenteredNorms { get; init; }

    /// <summary>Whether the outputs of attention and feed-forward are normed, too, before they are added.</summary>
    internal bool SandwichNorms { get; init; }

    /// <summary>Whether embeddings are multiplied by the root of the width.</summary>
    internal bool ScalesEmbeddings { get; init; }

    /// <summary>What <c>query_pre_attn_scalar</c> is where it is absent; null where scores are divided by the root of the head's width.</summary>
    internal double? QueryScalar { get; init; }

    /// <summary>Null where the family has no sliding window.</summary>
    internal int? SlidingWindow { get; init; }

    /// <summary>Reads from config.json, for a number of layers, the window and which layers slide; empty where all do.</summary>
    internal Func<JsonFields, int, (int? Window, bool[] Layers)> ReadSliding { get; init; } = (_, _) => (null, []);

    /// <summary>Writes them.</summary>
    internal Action<ModelConfig, JsonObject> WriteSliding { get; init; } = (_, _) => { };

    internal static ModelFamily? Find(string name) => Array.Find(All, family => family.Name == name);

    /// <exception cref="UserErrorException">No family has this architecture; <paramref name="file"/> names the file.</exception>
    internal static ModelFamily OfGguf(string architecture, string file)
        => Array.Find(All, family => family.Gguf.Name == architecture)
            ?? throw new UserErrorException(UserErrorException.OneLine(
                $"{file}: architecture '{architecture}' is not supported; supported are "
                + string.Join(", ", All.Select(family => family.Gguf.Name).Distinct())));
}
