using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using TorchSharp;

namespace Reasoning.Models.Tests.Generation;

/// <summary>A small model with a large one that takes over while it is uncertain.</summary>
public sealed class AdaptiveGeneratorTests
{
    private static readonly int[] s_stops = [0, 1, 2];
    private static readonly AdaptiveSettings s_never = new() { Up = double.PositiveInfinity, Down = double.PositiveInfinity };
    private static readonly AdaptiveSettings s_soon = new() { Up = -1, Down = -1 };

    [Fact]
    public void With_an_infinite_threshold_answers_are_those_of_the_small_model_to_the_bit()
    {
        using Pair pair = new();
        GenerationRequest[] requests = TinyModels.Requests(samples: 6, 1, 5, 16, 33);
        var options = new SamplingOptions { Seed = 3, MaxNewTokens = 30, Temperature = 0.9, TopP = 0.95 };
        IReadOnlyList<Rollout[]> found = pair.Generate(s_never, requests, options);

        EntropyMinimizationTests.AssertSame(new Generator(pair.Small, s_stops).Generate(requests, options), found);
        Assert.All(found.SelectMany(all => all), rollout => Assert.Equal(0, rollout.LargeTokens));
    }

    [Fact]
    public void With_a_threshold_below_zero_the_large_model_goes_on_after_the_first_tokens_as_if_it_had_been_asked_itself()
    {
        using Pair pair = new();
        GenerationRequest[] requests = TinyModels.Requests(samples: 1, 1, 5, 16, 33, 60);
        var greedy = new SamplingOptions { Temperature = 0, MaxNewTokens = 30 };
        int longer = 0;
        foreach (Rollout rollout in pair.Generate(s_soon, requests, greedy).Select(all => all[0]))
        {
            Assert.Equal(Math.Max(0, rollout.Ids.Length - 5), rollout.LargeTokens);
            if (rollout.Ids.Length <= 5) continue;
            longer++;
            var start = new GenerationRequest("start", rollout.PromptIds, 1);
            Rollout first = new Generator(pair.Small, s_stops).Generate([start], greedy with { MaxNewTokens = 5 })[0][0];
            var rest = new GenerationRequest("rest", [.. rollout.PromptIds, .. first.Ids], 1);
            Rollout then = new Generator(pair.Large, s_stops).Generate([rest], greedy with { MaxNewTokens = 25 })[0][0];
            Assert.Equal([.. first.Ids, .. then.Ids], rollout.Ids);
            Assert.Equal([.. first.LogProbs, .. then.LogProbs], rollout.LogProbs);
        }

        Assert.True(longer > 2);
    }

    /// <summary>Both models score the whole answer anew; the rule, told their entropies, must come to the same models in the same places.</summary>
    [Fact]
    public void Models_change_to_and_fro_by_the_rule_and_each_has_seen_all_that_came_before()
    {
        using Pair pair = new();
        var settings = new AdaptiveSettings { Up = 2.6, Down = 2.4, Window = 3, Least = 2 };
        GenerationRequest[] requests = TinyModels.Requests(samples: 6, 1, 5, 16, 33, 60);
        int up = 0, down = 0;
        foreach (Rollout rollout in pair.Generate(settings, requests, new SamplingOptions { Seed = 5, MaxNewTokens = 40 }).SelectMany(all => all))
        {
            int[] whole = [.. rollout.PromptIds, .. rollout.Ids];
            (int[] Ids, double[] LogProbs, double[] Entropies)[] scores = [Scorer.Score(pair.Small, whole), Scorer.Score(pair.Large, whole)];
            int side = 0, large = 0;
            var recent = new List<double>();
            for (int t = 0; t < rollout.Ids.Length; t++)
            {
                int row = scores[0].LogProbs.Length - rollout.Ids.Length + t;
                Assert.Equal(scores[side].LogProbs[row], rollout.LogProbs[t], 1e-4);
                large += side;
                recent.Add(scores[side].Entropies[row]);
                double mean = recent.TakeLast(3).Average();
                if (recent.Count < 2 || (side == 0 ? mean <= 2.6 : mean > 2.4)) continue;
                if (side == 0) up++;
                else down++;
                side = 1 - side;
                recent.Clear();
            }

            Assert.Equal(large, rollout.LargeTokens);
        }

        Assert.True(up > 10 && down > 10, $"{up} changes up and {down} down");
    }

    [Fact]
    public void Batch_size_and_order_change_no_bit_and_long_prompts_fill_several_passes()
    {
        using Pair pair = new();
        var settings = new AdaptiveSettings { Up = 2.6, Down = 2.4, Window = 3, Least = 2 };
        GenerationRequest[] requests = TinyModels.Requests(samples: 7, 1, 5, 16, 33, 64, 100, 90);
        var options = new SamplingOptions { Seed = 5, MaxNewTokens = 24, MaxBatch = 64 };
        IReadOnlyList<Rollout[]> expected = pair.Generate(settings, requests, options);
        Assert.Contains(expected.SelectMany(all => all), rollout => rollout.LargeTokens > 0);
        foreach (int batch in new[] { 1, 3, 17 }) EntropyMinimizationTests.AssertSame(expected, pair.Generate(settings, requests, options with { MaxBatch = batch }));
        EntropyMinimizationTests.AssertSame(expected, [.. pair.Generate(settings, [.. requests.Reverse()], options).Reverse()]);
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        using Pair pair = new();
        foreach (AdaptiveSettings settings in (AdaptiveSettings[])[s_never with { Up = 1 }, s_soon with { Window = 0 }, s_soon with { Least = 0 }])
            Assert.Throws<UserErrorException>(() => pair.Generate(settings, [], new SamplingOptions()));
        pair.Large.to(torch.ScalarType.BFloat16);
        Assert.Contains("float32", Assert.Throws<UserErrorException>(() => pair.Generate(s_soon, [], new SamplingOptions())).Message);
    }

    private sealed class Pair : IDisposable
    {
        public CausalLM Small { get; } = TinyModels.Model("qwen3");

        public CausalLM Large { get; } = TinyModels.Model("llama");

        public IReadOnlyList<Rollout[]> Generate(AdaptiveSettings settings, GenerationRequest[] requests, SamplingOptions options) =>
            new AdaptiveGenerator(Small, Large, s_stops, settings).Generate(requests, options);

        public void Dispose()
        {
            Small.Dispose();
            Large.Dispose();
        }
    }
}
