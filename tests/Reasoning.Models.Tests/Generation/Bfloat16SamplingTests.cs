using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Generation;

/// <summary>Sampling with linear maps rounded to bfloat16: what it is exactly, how far it is off, and where it is refused.</summary>
public sealed class Bfloat16SamplingTests
{
    private static readonly int[] s_stops = [0, 1, 2];
    private static readonly SamplingOptions s_options = new() { MaxNewTokens = 24, Seed = 9, Bfloat16Weights = true };

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    public void Rollouts_are_those_of_a_model_whose_linear_maps_are_rounded_to_the_bit(string type)
    {
        using CausalLM model = TinyModels.Model(type), rounded = TinyModels.Model(type);
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach ((string name, Parameter parameter) in rounded.named_parameters())
            {
                if (!name.Contains("_proj.weight", StringComparison.Ordinal) && !name.StartsWith("lm_head", StringComparison.Ordinal)) continue;
                parameter.copy_(parameter.to(ScalarType.BFloat16).to(ScalarType.Float32));
            }
        }

        GenerationRequest[] requests = TinyModels.Requests(6, 1, 17, 40);
        IReadOnlyList<Rollout[]> found = new Generator(model, s_stops).Generate(requests, s_options);
        IReadOnlyList<Rollout[]> expected = new Generator(rounded, s_stops).Generate(requests, s_options with { Bfloat16Weights = false });
        IReadOnlyList<Rollout[]> exact = new Generator(model, s_stops).Generate(requests, s_options with { Bfloat16Weights = false });
        AssertSame(expected, found);
        Assert.Contains(
            found.SelectMany(group => group).Zip(exact.SelectMany(group => group)), pair => !pair.First.LogProbs.SequenceEqual(pair.Second.LogProbs));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3_text")]
    public void Batch_size_changes_no_bit(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(7, 3, 16, 33);
        IReadOnlyList<Rollout[]> one = new Generator(model, s_stops).Generate(requests, s_options with { MaxBatch = 1 });
        AssertSame(one, new Generator(model, s_stops).Generate(requests, s_options with { MaxBatch = 64 }));
    }

    [Fact]
    public void Where_the_fused_path_does_not_run_it_is_refused()
    {
        using CausalLM model = TinyModels.Model("llama");
        GenerationRequest[] requests = TinyModels.Requests(1, 4);
        Assert.Throws<UserErrorException>(() => new Generator(model, s_stops) { Composite = true }.Generate(requests, s_options));
        model.to(ScalarType.BFloat16);
        Assert.Throws<UserErrorException>(() => new Generator(model, s_stops).Generate(requests, s_options));
    }

    private static void AssertSame(IReadOnlyList<Rollout[]> expected, IReadOnlyList<Rollout[]> found)
    {
        foreach ((Rollout a, Rollout b) in expected.SelectMany(group => group).Zip(found.SelectMany(group => group)))
        {
            Assert.Equal(a.Ids, b.Ids);
            Assert.Equal(a.LogProbs, b.LogProbs);
        }
    }
}
