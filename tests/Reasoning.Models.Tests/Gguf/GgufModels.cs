using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;
using Reasoning.Models.Tests.Formats;
using TorchSharp;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>Small random checkpoints with a byte-level tokenizer, in folders, for export.</summary>
internal static class GgufModels
{
    internal const int Vocabulary = 400;

    /// <summary>A family's model whose rows are whole blocks of every type.</summary>
    internal static ModelConfig Config(string family, int vocabulary = Vocabulary) => new()
    {
        ModelType = family,
        HiddenSize = 256,
        IntermediateSize = 512,
        Layers = family == "gemma3_text" ? 6 : 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = family == "qwen3" ? 128 : 64,
        VocabSize = vocabulary,
        MaxPositions = 256,
        RopeTheta = 10000,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = family is "qwen3" or "gemma3_text",
        SlidingWindow = family == "gemma3_text" ? 8 : null,
        SlidingLayers = family == "gemma3_text" ? [true, true, true, true, true, false] : [],
        LocalRopeTheta = family == "gemma3_text" ? 5000 : null,
        QueryScalar = family == "gemma3_text" ? 64 : null,
        EosIds = [0],
    };

    /// <summary>Writes a checkpoint folder and returns its path.</summary>
    internal static string Write(
        TemporaryFolder folder, ModelConfig config, string? tokenizerJson = null, string? configJson = null, string name = "model")
    {
        string path = folder.File(name);
        Directory.CreateDirectory(path);
        using (CausalLM model = Random(config)) model.Save(path);
        File.WriteAllText(Path.Combine(path, "tokenizer.json"), tokenizerJson ?? TinyTokenizers.Trained(Vocabulary));
        File.WriteAllText(Path.Combine(path, "tokenizer_config.json"), configJson ?? """{"eos_token":"<|endoftext|>"}""");
        return path;
    }

    /// <summary>Weights large enough that the distributions are far from uniform and depend on the whole context.</summary>
    internal static CausalLM Random(ModelConfig config)
    {
        CausalLM model = CausalLM.Create(config, seed: 21);
        ulong number = 0;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            var random = new KeyedStream(22, number++);
            bool isNorm = name.EndsWith("norm.weight", StringComparison.Ordinal);
            bool isTable = name.Contains("embed", StringComparison.Ordinal) || name.Contains("head", StringComparison.Ordinal);
            // Gemma 3 multiplies embeddings by the root of the width, and its head is the embedding.
            double table = config.ModelType == "gemma3_text" ? 0.05 : 0.15;
            double spread = isNorm ? 0.2 : isTable ? table : 0.08;
            double center = isNorm && !config.ModelType.StartsWith("gemma", StringComparison.Ordinal) ? 1 : 0;
            foreach (ref float value in Parameters.Values(parameter)) value = (float)((random.NextGaussian() * spread) + center);
        }

        return model;
    }

    /// <summary>Natural-log probabilities of every token after each of the ids.</summary>
    internal static double[][] LogProbs(CausalLM model, int[] ids)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor logits = torch.nn.functional.linear(model.Hidden(new PackedSequences([ids])), model.HeadWeight).contiguous();
        float[] values = new float[logits.NumberOfElements];
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(logits.bytes).CopyTo(values);
        int vocabulary = model.Config.VocabSize;
        return [.. Enumerable.Range(0, ids.Length).Select(row => LogSoftmax(values.AsSpan(row * vocabulary, vocabulary)))];
    }

    internal static double[] LogSoftmax(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float value in logits) largest = Math.Max(largest, value);
        foreach (float value in logits) sum += Math.Exp(value - largest);
        double[] result = new double[logits.Length];
        for (int i = 0; i < result.Length; i++) result[i] = logits[i] - largest - Math.Log(sum);
        return result;
    }

    /// <summary>Mean over rows of Σ p (log p − log q), in nats.</summary>
    internal static double Divergence(double[][] p, double[][] q)
        => p.Zip(q, (row, other) => row.Zip(other, (a, b) => Math.Exp(a) * (a - b)).Sum()).Average();
}
