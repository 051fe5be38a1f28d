using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Generation;

/// <summary>A rollout is a function of weights, prompt, options and its key: everything else must leave each bit alone.</summary>
[Collection(nameof(GeneratorInvarianceTests))]
public sealed class GeneratorInvarianceTests
{
    private static readonly int[] s_stops = [0, 1, 2];

    // Around the block size, the register tiles of the matrix product and its switch at 48 rows.
    private static readonly int[] s_lengths = [1, 5, 15, 16, 17, 31, 33, 64, 3, 9];

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma3_text")]
    public void Batch_size_order_and_threads_change_no_bit(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(samples: 7, s_lengths);
        var options = new SamplingOptions { Temperature = 0.9, TopP = 0.97, MaxNewTokens = 24, Seed = 3, Step = 5, MaxBatch = 64 };
        Dictionary<(string, int), Rollout> expected = ById(Generate(model, requests, options));
        Assert.Equal(70, expected.Count);
        Assert.Contains(expected.Values, rollout => rollout.Finish == FinishReason.Stop);
        Assert.Contains(expected.Values, rollout => rollout.Finish == FinishReason.Length);

        foreach (int batch in new[] { 1, 3, 64 })
        {
            AssertSame(expected, Generate(model, requests, options with { MaxBatch = batch }));
            var random = new KeyedStream(17, (ulong)batch);
            GenerationRequest[] shuffled = [.. requests];
            random.Shuffle<GenerationRequest>(shuffled);
            AssertSame(expected, Generate(model, shuffled, options with { MaxBatch = batch }));
        }

        int workers = Workers.Count;
        try
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                SetThreads(threads);
                AssertSame(expected, Generate(model, requests, options));
            }
        }
        finally
        {
            SetThreads(workers);
        }
    }

    [Fact]
    public void More_samples_extend_fewer()
    {
        using CausalLM model = TinyModels.Model("qwen3");
        var options = new SamplingOptions { MaxNewTokens = 20, Seed = 4, MaxBatch = 10 };
        Dictionary<(string, int), Rollout> expected = ById(Generate(model, TinyModels.Requests(12, s_lengths), options));

        AssertSame(expected, Generate(model, TinyModels.Requests(5, s_lengths), options), count: 50);
        GenerationRequest[] rest = [.. TinyModels.Requests(7, s_lengths).Select(request => request with { FirstSample = 5 })];
        AssertSame(expected, Generate(model, rest, options), count: 70);
    }

    [Theory]
    [InlineData("mistral")]
    [InlineData("qwen3")]
    [InlineData("gemma3_text")]
    public void Prefill_computes_the_bits_that_decoding_computes(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = 40 };
        var generator = new Generator(model, []);
        Rollout whole = generator.Generate(TinyModels.Requests(1, 13), options)[0][0];
        Assert.Equal(40, whole.Ids.Length);

        foreach (int cut in new[] { 1, 2, 3, 18, 35 })
        {
            int[] prompt = [.. whole.PromptIds, .. whole.Ids[..cut]];
            var request = new GenerationRequest("continued", prompt, 1);
            Rollout tail = generator.Generate([request], options with { MaxNewTokens = 40 - cut })[0][0];
            Assert.Equal(whole.Ids[cut..], tail.Ids);
            Assert.Equal(Bits(whole)[cut..], Bits(tail));
        }
    }

    [Fact]
    public void A_prompt_longer_than_one_prefill_pass_is_the_same_in_company()
    {
        using CausalLM model = TinyModels.Model("llama", maxPositions: 1400);
        var options = new SamplingOptions { MaxNewTokens = 5, Seed = 8 };
        GenerationRequest[] requests = TinyModels.Requests(2, 700, 40, 1300, 512);
        Dictionary<(string, int), Rollout> together = ById(Generate(model, requests, options));
        foreach (GenerationRequest request in requests)
            AssertSame(together, Generate(model, [request], options), count: 2);
    }

    [Fact]
    public void Seed_step_prompt_and_sample_each_change_the_draws()
    {
        using CausalLM model = TinyModels.Model("llama");
        var options = new SamplingOptions { MaxNewTokens = 30, Seed = 1, Step = 1 };
        int[] prompt = TinyModels.Ids(8, 0);
        GenerationRequest[] requests = [new("a", prompt, 2), new("b", prompt, 1)];
        IReadOnlyList<Rollout[]> first = Generate(model, requests, options, stops: []);
        Rollout base0 = first[0][0];
        Assert.NotEqual(base0.Ids, first[0][1].Ids);
        Assert.NotEqual(base0.Ids, first[1][0].Ids);
        Assert.NotEqual(base0.Ids, Generate(model, requests, options with { Seed = 2 }, stops: [])[0][0].Ids);
        Assert.NotEqual(base0.Ids, Generate(model, requests, options with { Step = 2 }, stops: [])[0][0].Ids);
        Assert.Equal(base0.Ids, Generate(model, requests, options, stops: [])[0][0].Ids);
    }

    private static IReadOnlyList<Rollout[]> Generate(
        CausalLM model, IReadOnlyList<GenerationRequest> requests, SamplingOptions options, int[]? stops = null) =>
        new Generator(model, stops ?? s_stops).Generate(requests, options);

    private static void SetThreads(int count)
    {
        Workers.Count = count;
        TorchSharp.torch.set_num_threads(count);
    }

    private static Dictionary<(string, int), Rollout> ById(IReadOnlyList<Rollout[]> rollouts) =>
        rollouts.SelectMany(group => group).ToDictionary(rollout => (rollout.PromptId, rollout.Sample));

    private static void AssertSame(Dictionary<(string, int), Rollout> expected, IReadOnlyList<Rollout[]> actual, int count = 70)
    {
        Dictionary<(string, int), Rollout> found = ById(actual);
        Assert.Equal(count, found.Count);
        foreach (((string, int) key, Rollout rollout) in found)
        {
            Assert.Equal(expected[key].Ids, rollout.Ids);
            Assert.Equal(Bits(expected[key]), Bits(rollout));
            Assert.Equal(expected[key].Finish, rollout.Finish);
        }
    }

    private static int[] Bits(Rollout rollout) => [.. rollout.LogProbs.Select(BitConverter.SingleToInt32Bits)];
}
