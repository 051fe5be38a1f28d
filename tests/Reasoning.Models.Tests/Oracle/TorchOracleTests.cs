using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;
using Reasoning.Models.SafeTensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Oracle;

/// <summary>
/// The engine against PyTorch, which shares no line with it: log-probs, entropies, every gradient, the ZeroSiam loss, five steps of both
/// optimizers, and sampling with its cache against a forward without one, for every model family; windows are shorter than the sequences.
/// </summary>
public sealed class TorchOracleTests
{
    private const int Steps = 5;
    private const double Temperature = 0.8, Alpha = 0.5;

    private const int NewTokens = 24;

    private static readonly int[][] s_prompts = [[4, 9, 31, 2, 16], [12, 3, 3, 8, 41, 27, 5, 19, 30, 11, 6, 2, 7, 23, 14, 1, 35, 40, 22]];

    private static readonly int[][] s_sequences = [[1, 5, 9, 2, 17, 30, 8, 11], [3, 4], [7, 7, 7, 40, 22, 13, 2, 6, 19, 33, 21]];

    public static TheoryData<string> Cases => new("llama", "llama3", "mistral", "qwen2", "qwen2-window", "qwen3", "gemma3_text");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Our_models_agree_with_PyTorch(string name)
    {
        using var folder = new TemporaryFolder();
        float[] predictor = WriteRequest(folder.Path, Config(name), out string request);
        string answer = folder.File("answer.safetensors");
        PythonOracle.Run("torch, numpy", "causal_lm.py", [folder.Path, request, answer]);
        using SafeTensorsReader expected = SafeTensorsReader.Open(answer);

        using (CausalLM model = CausalLM.Load(folder.Path))
            LossAndGradientsAgree(model, expected);
        using (CausalLM model = CausalLM.Load(folder.Path))
        {
            SamplingAgrees(new Generator(model, []), expected);
            SamplingAgrees(new Generator(model, []) { Composite = true }, expected);
        }

        using (CausalLM model = CausalLM.Load(folder.Path))
            ZeroSiamAgrees(model, predictor, expected);
        using (CausalLM model = CausalLM.Load(folder.Path))
            StepsAgree(model, "adamw", p => Optimizer.AdamW(p, 0.9, 0.999, _ => 0.01), 1e-3, expected);
        using (CausalLM model = CausalLM.Load(folder.Path))
            StepsAgree(model, "sgd", p => Optimizer.Sgd(p, 0.9, _ => 0), 1e-2, expected);
    }

    private static void LossAndGradientsAgree(CausalLM model, SafeTensorsReader expected)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = model.Select(TrainableSet.All);
        HeadScores scores = Differentiate(model);
        AssertClose("logprob", scores.LogProb, expected, 2e-5);
        AssertClose("entropy", scores.Entropy, expected, 2e-5);
        foreach ((string name, Parameter parameter) in parameters)
            AssertClose($"grad.{name}", parameter.grad!, expected, 1e-4);
    }

    private static void SamplingAgrees(Generator generator, SafeTensorsReader expected)
    {
        GenerationRequest[] requests = [.. s_prompts.Select((ids, i) => new GenerationRequest($"{i}", ids, 1))];
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = NewTokens };
        Rollout[] rollouts = [.. generator.Generate(requests, options).Select(group => group[0])];
        Assert.Equal(Reference("greedy.ids", expected), rollouts.SelectMany(rollout => rollout.Ids).Select(id => (double)id));
        double[] logProbs = Reference("greedy.logprob", expected);
        double worst = logProbs.Zip(rollouts.SelectMany(rollout => rollout.LogProbs), (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 0, 2e-5);
    }

    private static void ZeroSiamAgrees(CausalLM model, float[] values, SafeTensorsReader expected)
    {
        using DisposeScope scope = NewDisposeScope();
        int width = model.Config.HiddenSize;
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = model.Select(TrainableSet.All);
        Tensor predictor = tensor(values).reshape(width, width).requires_grad_();
        (PackedSequences batch, long[] rows, _) = Batch();
        Tensor hidden = model.Hidden(batch).index_select(0, tensor(rows)); // [n, width]
        Tensor entropies = empty(rows.Length), divergences = empty(rows.Length);
        OutputHead.Backward([hidden.detach(), nn.functional.linear(hidden, predictor)], model.HeadWeight, part =>
        {
            Tensor target = part.LogProbs(0), online = part.LogProbs(1);
            Tensor entropy = LogitRows.Entropy(online), divergence = ((online.exp() - target.exp()) * (online - target)).sum(1);
            part.Keep(entropies, entropy);
            part.Keep(divergences, divergence);
            return entropy.Plus(divergence.Times(Alpha)).sum().DividedBy(rows.Length);
        }, Temperature, chunk: 5);
        AssertClose("zerosiam.online_entropy", entropies, expected, 2e-5);
        AssertClose("zerosiam.divergence", divergences, expected, 2e-5);
        AssertClose("zerosiam.grad.predictor", predictor.grad!, expected, 1e-4);
        foreach ((string name, Parameter parameter) in parameters)
            AssertClose($"zerosiam.grad.{name}", parameter.grad!, expected, 1e-4);
    }

    private static void StepsAgree(
        CausalLM model, string prefix, Func<IReadOnlyList<(string, Parameter)>, Optimizer> make, double rate, SafeTensorsReader expected)
    {
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = model.Select(TrainableSet.All);
        using Optimizer optimizer = make(parameters);
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.ZeroGrad();
            Differentiate(model);
            optimizer.Step(rate);
        }

        foreach ((string name, Parameter parameter) in parameters)
            AssertClose($"{prefix}.{name}", parameter, expected, 1e-3);
    }

    /// <summary>Gradients of 0.3 entropy − 0.7 log-probability, averaged over rows.</summary>
    private static HeadScores Differentiate(CausalLM model)
    {
        (PackedSequences batch, long[] rows, long[] ids) = Batch();
        Tensor hidden = model.Hidden(batch).index_select(0, tensor(rows)), targets = tensor(ids); // [n, width]
        OutputHead.Backward([hidden], model.HeadWeight, part =>
        {
            Tensor all = part.LogProbs();
            return (LogitRows.Entropy(all).Times(0.3) - LogitRows.Pick(all, part.Of(targets)).Times(0.7)).sum().DividedBy(rows.Length);
        }, Temperature, chunk: 5);
        return OutputHead.Score(hidden, model.HeadWeight, targets, Temperature);
    }

    /// <summary>Every position but each sequence's last predicts the token after it.</summary>
    private static (PackedSequences Batch, long[] Rows, long[] Targets) Batch()
    {
        var batch = new PackedSequences(s_sequences);
        var rows = new List<long>();
        for (int s = 0; s < batch.Count; s++)
        {
            for (int row = batch.Offsets[s]; row < batch.Offsets[s + 1] - 1; row++)
                rows.Add(row);
        }

        return (batch, [.. rows], [.. s_sequences.SelectMany(ids => ids.Skip(1)).Select(id => (long)id)]);
    }

    private static ModelConfig Config(string name)
    {
        string family = name == "llama3" ? "llama" : name.Split('-')[0];
        bool isGemma = family == "gemma3_text";
        return new ModelConfig
        {
            ModelType = family,
            HiddenSize = 32,
            IntermediateSize = 56,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDim = 8,
            VocabSize = 48,
            MaxPositions = 64,
            RmsNormEps = 1e-5,
            RopeTheta = 10000,
            Scaling = name switch
            {
                "llama3" => new RopeScaling(RopeScalingKind.Llama3, 8) { OriginalMaxPositions = 32, LowFreqFactor = 1, HighFreqFactor = 4 },
                "gemma3_text" => new RopeScaling(RopeScalingKind.Linear, 8) { OriginalMaxPositions = 64 },
                _ => null,
            },
            TieWordEmbeddings = family is not ("llama" or "mistral"),
            SlidingWindow = name is "mistral" or "qwen2-window" ? 6 : isGemma ? 4 : null,
            SlidingLayers = isGemma ? [true, false] : name == "qwen2-window" ? [false, true] : [],
            LocalRopeTheta = isGemma ? 300 : null,
            QueryScalar = isGemma ? 11 : null,
        };
    }

    private static float[] WriteRequest(string folder, ModelConfig config, out string request)
    {
        using (CausalLM model = CausalLM.Create(config, seed: 11))
        {
            // Larger weights than a fresh model has, so that probabilities are far from uniform; norms and biases off their starting values.
            var stream = new KeyedStream(12, 0);
            foreach ((_, Parameter parameter) in model.named_parameters())
            {
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(parameter.bytes))
                    value = (float)(parameter.ndim == 1 ? value + 0.2 * stream.NextGaussian() : 8 * value);
            }

            model.Save(folder);
        }

        var predictor = new float[config.HiddenSize * config.HiddenSize];
        var noise = new KeyedStream(13, 0);
        for (int i = 0; i < predictor.Length; i++)
            predictor[i] = (float)((i % (config.HiddenSize + 1) == 0 ? 1 : 0) + 0.05 * noise.NextGaussian());

        request = Path.Combine(folder, "request.json");
        File.WriteAllText(request, JsonSerializer.Serialize(new
        {
            sequences = s_sequences,
            predictor = predictor.Chunk(config.HiddenSize),
            alpha = Alpha,
            temperature = Temperature,
            steps = Steps,
            prompts = s_prompts,
            new_tokens = NewTokens,
        }));
        return predictor;
    }

    /// <summary>Largest difference relative to the tensor's largest magnitude.</summary>
    private static void AssertClose(string name, Tensor actual, SafeTensorsReader expected, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] reference = Reference(name, expected);
        Assert.Equal(reference.Length, actual.numel());
        float[] values = actual.detach().contiguous().data<float>().ToArray();
        double scale = Math.Max(1e-6, reference.Max(Math.Abs));
        double worst = values.Zip(reference, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance * scale, string.Create(CultureInfo.InvariantCulture, $"{name}: off by {worst:g3} at scale {scale:g3}"));
    }

    private static double[] Reference(string name, SafeTensorsReader expected)
    {
        var reference = new double[expected.Find(name).Count];
        expected.ReadRaw(name, MemoryMarshal.AsBytes(reference.AsSpan()));
        return reference;
    }
}
