namespace Reasoning.Models.Tests.Generation;

/// <summary>Small random models of every supported form, and prompts for them.</summary>
internal static class TinyModels
{
    internal const int Vocabulary = 61;

    /// <summary>llama: plain, heads of 8. qwen2: biases, one key-value head. qwen3: norms on queries and keys, heads wider than the width gives, tied.</summary>
    internal static ModelConfig Config(string type, int maxPositions = 128) => new()
    {
        ModelType = type,
        HiddenSize = 40,
        IntermediateSize = 72,
        Layers = 2,
        Heads = type == "qwen2" ? 3 : 6,
        KeyValueHeads = type == "qwen2" ? 1 : 2,
        HeadDim = type switch { "llama" => 8, "qwen2" => 16, _ => 32 },
        VocabSize = Vocabulary,
        MaxPositions = maxPositions,
        AttentionBias = type == "qwen2",
        QkNorm = type == "qwen3",
        TieWordEmbeddings = type == "qwen3",
    };

    /// <summary>A model whose weights are large enough that its distributions are far from uniform and depend on the whole context.</summary>
    internal static CausalLM Model(string type, int maxPositions = 128)
    {
        CausalLM model = CausalLM.Create(Config(type, maxPositions), seed: 11);
        using IDisposable noGradient = TorchSharp.torch.no_grad();
        ulong number = 0;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            var random = new KeyedStream(12, number++);
            double spread = name.EndsWith("norm.weight", StringComparison.Ordinal) ? 0.2
                : name.Contains("embed", StringComparison.Ordinal) || name.Contains("head", StringComparison.Ordinal) ? 0.4 : 0.18;
            float[] values = new float[parameter.NumberOfElements];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)((random.NextGaussian() * spread) + (name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0));
            using TorchSharp.torch.Tensor source = TorchSharp.torch.tensor(values, parameter.shape);
            parameter.copy_(source);
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
