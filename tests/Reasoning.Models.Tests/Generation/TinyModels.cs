using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Generation;

/// <summary>Small random models of every supported form, and prompts for them.</summary>
internal static class TinyModels
{
    internal const int Vocabulary = 61;

    internal static readonly string[] Types = ["llama", "mistral", "qwen2", "qwen3", "gemma3_text"];

    /// <summary>
    /// llama: plain, heads of 8. mistral: a window shorter than the prompts. qwen2: biases, one key-value head, a window in the second
    /// layer. qwen3: norms on queries and keys, heads wider than the width gives, tied. gemma3_text: all it has, a window in the first layer.
    /// </summary>
    internal static ModelConfig Config(string type, int maxPositions = 128) => new()
    {
        ModelType = type,
        HiddenSize = 40,
        IntermediateSize = 72,
        Layers = 2,
        Heads = type == "qwen2" ? 3 : 6,
        KeyValueHeads = type == "qwen2" ? 1 : 2,
        HeadDim = type switch { "llama" or "mistral" => 8, "qwen2" => 16, "gemma3_text" => 24, _ => 32 },
        VocabSize = Vocabulary,
        MaxPositions = maxPositions,
        TieWordEmbeddings = type is "qwen3" or "gemma3_text",
        SlidingWindow = type switch { "mistral" => 21, "qwen2" => 16, "gemma3_text" => 5, _ => null },
        SlidingLayers = type switch { "qwen2" => [false, true], "gemma3_text" => [true, false], _ => [] },
        LocalRopeTheta = type == "gemma3_text" ? 800 : null,
        QueryScalar = type == "gemma3_text" ? 30 : null,
    };

    /// <summary>A model whose weights are large enough that its distributions are far from uniform and depend on the whole context.</summary>
    internal static CausalLM Model(string type, int maxPositions = 128)
    {
        CausalLM model = CausalLM.Create(Config(type, maxPositions), seed: 11);
        ulong number = 0;
        double normCenter = model.Config.Family.ZeroCenteredNorms ? 0 : 1;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            var random = new KeyedStream(12, number++);
            bool isVocabulary = name.Contains("embed", StringComparison.Ordinal) || name.Contains("head", StringComparison.Ordinal);
            double spread = name.EndsWith("norm.weight", StringComparison.Ordinal) ? 0.2
                : isVocabulary ? 0.4 / model.Config.EmbeddingScale * (type == "gemma3_text" ? 3 : 1) : 0.18;
            foreach (ref float value in Parameters.Values(parameter))
                value = (float)((random.NextGaussian() * spread) + (name.EndsWith("norm.weight", StringComparison.Ordinal) ? normCenter : 0));
        }

        return model;
    }

    /// <summary>Prompts of the given lengths with random ids, never 0 to 3, which tests use as stop ids.</summary>
    internal static GenerationRequest[] Requests(int samples, params int[] lengths) =>
        [.. lengths.Select((length, number) => new GenerationRequest($"prompt-{number}", Ids(length, (ulong)number), samples))];

    internal static int[] Ids(int length, ulong seed)
    {
        var random = new KeyedStream(13, seed);
        int[] ids = new int[length];
        for (int i = 0; i < length; i++)
            ids[i] = random.NextInt(4, Vocabulary);
        return ids;
    }
}
