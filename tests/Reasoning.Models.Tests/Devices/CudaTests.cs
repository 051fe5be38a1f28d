using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Devices;

/// <summary>A model on a GPU computes what it computes on the CPU, as closely as float32 in another order allows.</summary>
[Trait(Cuda.Trait, Cuda.Name)]
public sealed class CudaTests
{
    private static readonly int[] s_lengths = [1, 5, 16, 17, 33, 64];

    public static TheoryData<string> Types => [.. TinyModels.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void The_same_keys_draw_the_same_answers(string type)
    {
        using CausalLM gpu = OnGpu(type), cpu = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(samples: 8, s_lengths);
        var options = new SamplingOptions { Temperature = 0.9, TopP = 0.97, MaxNewTokens = 24, Seed = 3, Step = 5 };
        (Rollout Cpu, Rollout Gpu)[] pairs = [.. Answers(cpu, requests, options).Zip(Answers(gpu, requests, options))];

        // A draw that falls between two rounded probabilities is another token, and all after it are others, too.
        (Rollout Cpu, Rollout Gpu)[] same = [.. pairs.Where(pair => pair.Cpu.Ids.SequenceEqual(pair.Gpu.Ids))];
        Assert.True(same.Length >= 0.9 * pairs.Length, $"{same.Length} of {pairs.Length} answers are the same");
        Assert.All(same, pair => Assert.True(pair.Cpu.LogProbs.Zip(pair.Gpu.LogProbs, (a, b) => Math.Abs(a - b)).Max() < 1e-3));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_text_has_the_same_probabilities_and_gradients(string type)
    {
        using CausalLM gpu = OnGpu(type), cpu = TinyModels.Model(type);
        (_, double[] expected, double[] expectedEntropy) = Scorer.Score(cpu, TinyModels.Ids(40, 1));
        (_, double[] actual, double[] actualEntropy) = Scorer.Score(gpu, TinyModels.Ids(40, 1));
        Assert.Equal(0, expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 4);
        Assert.Equal(0, expectedEntropy.Zip(actualEntropy, (a, b) => Math.Abs(a - b)).Max(), 4);

        foreach (((string name, float[] there), (_, float[] here)) in Gradients(gpu).Zip(Gradients(cpu)))
        {
            double largest = here.Max(Math.Abs), difference = here.Zip(there, (a, b) => Math.Abs((double)a - b)).Max();
            Assert.True(difference <= 1e-3 * largest, $"{name}: {difference} off, largest gradient {largest}");
        }
    }

    private static CausalLM OnGpu(string type)
    {
        ComputeDevice device = Cuda.Device();
        CausalLM model = TinyModels.Model(type);
        model.MoveTo(device);
        return model;
    }

    private static IEnumerable<Rollout> Answers(CausalLM model, GenerationRequest[] requests, SamplingOptions options) =>
        new Generator(model, [0, 1, 2]).Generate(requests, options).SelectMany(answers => answers);

    /// <summary>Of the entropies of three texts of different length.</summary>
    private static List<(string Name, float[] Values)> Gradients(CausalLM model)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters = model.Select(TrainableSet.All);
        Tensor hidden = model.Hidden(new PackedSequences([TinyModels.Ids(30, 1), TinyModels.Ids(7, 2), TinyModels.Ids(19, 3)]));
        OutputHead.Backward([hidden], model.HeadWeight, rows => LogitRows.Entropy(rows.LogProbs()).sum());
        return [.. parameters.Select(pair => (pair.Name, Floats.Of(pair.Parameter.grad!)))];
    }
}
