using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using TorchSharp;

namespace Reasoning.Models.Tests.Generation;

/// <summary>Sampling without a word to the host must draw what sampling on the host draws; here both run on the CPU.</summary>
public sealed class DeviceSessionTests
{
    private static readonly int[] s_stops = [0, 1, 2];

    public static TheoryData<string> Types => new(TinyModels.Types);

    public static TheoryData<double, double, int> Rules => new()
    {
        { 1, 1, 0 },
        { 0.7, 0.9, 0 },
        { 1, 1, 5 },
        { 1.3, 0.8, 12 },
        { 0, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Rollouts_are_those_of_the_host(string type) => AssertSame(type, new SamplingOptions { Seed = 3, MaxNewTokens = 40 });

    [Theory]
    [MemberData(nameof(Rules))]
    public void Top_k_and_nucleus_keep_what_the_host_keeps(double temperature, double topP, int topK) =>
        AssertSame("qwen3", new SamplingOptions { Seed = 9, MaxNewTokens = 24, Temperature = temperature, TopP = topP, TopK = topK });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Places_that_become_free_are_taken_by_others(int places) =>
        AssertSame("qwen2", new SamplingOptions { Seed = 4, MaxNewTokens = 37, MaxBatch = places });

    [Fact]
    public void Little_memory_means_fewer_sequences_at_once_and_the_same_rollouts() =>
        AssertSame("llama", new SamplingOptions { Seed = 5, MaxNewTokens = 20 }, cacheBytes: 1);

    [Fact]
    public void Weights_that_are_not_finite_end_sampling_with_the_prompts_name()
    {
        using CausalLM model = TinyModels.Model("llama");
        using Scalar none = float.NaN;
        using (torch.no_grad()) model.FinalNorm.Weight.fill_(none);
        var generator = new Generator(model, s_stops) { Composite = true };
        GenerationRequest[] requests = TinyModels.Requests(2, 5);
        Assert.Contains(
            requests[0].PromptId, Assert.Throws<UserErrorException>(() => generator.Generate(requests, new SamplingOptions())).Message);
    }

    private static void AssertSame(string type, SamplingOptions options, long cacheBytes = long.MaxValue)
    {
        using CausalLM model = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(options.Temperature == 0 ? 1 : 5, 1, 6, 17, 33);
        IReadOnlyList<Rollout[]> host = new Generator(model, s_stops).Generate(requests, options);
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        IReadOnlyList<Rollout[]> device = new Generator(model, s_stops) { Composite = true, CacheBytes = cacheBytes }.Generate(requests, options);

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        foreach ((Rollout expected, Rollout actual) in host.SelectMany(group => group).Zip(device.SelectMany(group => group)))
        {
            Assert.Equal((expected.PromptId, expected.Sample, expected.Finish), (actual.PromptId, actual.Sample, actual.Finish));
            Assert.Equal(expected.Ids, actual.Ids);
            foreach ((float a, float b) in expected.LogProbs.Zip(actual.LogProbs)) Assert.Equal(a, b, 2e-4f);
        }
    }
}
