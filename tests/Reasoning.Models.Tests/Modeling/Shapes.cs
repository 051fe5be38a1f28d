using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Modeling;

/// <summary>Small model shapes of each family.</summary>
internal static class Shapes
{
    internal static ModelConfig Config(
        string family = "llama", int headDim = 8, bool? tied = null, int maxPositions = 256, RopeScaling? scaling = null) => new()
        {
            ModelType = family,
            HiddenSize = 24,
            IntermediateSize = 40,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDim = headDim,
            VocabSize = 50,
            MaxPositions = maxPositions,
            RmsNormEps = 1e-6,
            Scaling = scaling,
            TieWordEmbeddings = tied ?? family is "qwen3" or "gemma3_text",
            SlidingWindow = family switch { "mistral" => 7, "gemma3_text" => 12, _ => null },
            SlidingLayers = family == "gemma3_text" ? [true, false] : [],
            LocalRopeTheta = family == "gemma3_text" ? 500 : null,
            QueryScalar = family == "gemma3_text" ? 13 : null,
        };

    internal static readonly string[] Families = ["llama", "mistral", "qwen2", "qwen3", "gemma3_text"];

    /// <summary>A random model with weights large enough for its distributions to differ from uniform.</summary>
    internal static CausalLM Model(string family = "llama", bool? tied = null)
    {
        CausalLM model = CausalLM.Create(Config(family, tied: tied), seed: 7);
        double normCenter = model.Config.Family.ZeroCenteredNorms ? 0 : 1;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            var stream = new KeyedStream(8, KeyedRandom.Key(name));
            foreach (ref float value in Parameters.Values(parameter))
                value = (float)((stream.NextGaussian() * 0.3) + (name.EndsWith("norm.weight", StringComparison.Ordinal) ? normCenter : 0));
        }

        return model;
    }

    internal static int[] Ids(int length, ulong seed)
    {
        var stream = new KeyedStream(seed, 3);
        var ids = new int[length];
        for (int i = 0; i < length; i++)
            ids[i] = stream.NextInt(50);
        return ids;
    }
}
