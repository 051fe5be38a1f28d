using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Generation;

/// <summary>Logits that are sharpened before a token is drawn (EM-INF).</summary>
public sealed class EntropyMinimizationTests
{
    private static readonly int[] s_stops = [0, 1, 2];

    [Fact]
    public void A_first_step_moves_each_logit_by_the_rate_up_where_log_p_is_above_minus_the_entropy()
    {
        // p = .665, .245, .090 and H = .832: only log .665 = −.408 is above −H.
        float[] moved = Moved([1, 0, -1], new EntropyMinimization { Steps = 1, Rate = 0.1 });
        Assert.Equal([1.1f, -0.1f, -1.1f], moved.Select(z => MathF.Round(z, 5)));
        Assert.Equal(0.8324, EntropyMinimization.Entropy([1, 0, -1]), 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Steps_are_those_of_Adam_on_entropy_and_divergence_by_finite_differences(double kl)
    {
        float[] logits = Random(12, seed: 1, spread: 1.5);
        var rule = new EntropyMinimization { Steps = 4, Rate = 0.07, Threshold = 0.1, KlWeight = kl };
        double[] z = [.. logits.Select(value => (double)value)], own = Softmax(z), m = new double[12], v = new double[12];
        for (int step = 1; step <= 4; step++)
        {
            double[] gradient = [.. Enumerable.Range(0, 12).Select(i => (Loss(i, 1e-5) - Loss(i, -1e-5)) / 2e-5)];
            for (int i = 0; i < 12; i++)
            {
                m[i] = (0.9 * m[i]) + (0.1 * gradient[i]);
                v[i] = (0.999 * v[i]) + (0.001 * gradient[i] * gradient[i]);
                z[i] -= 0.07 * m[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        }

        Assert.All(z.Zip(Moved(logits, rule)), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        double Loss(int at, double by)
        {
            double[] p = Softmax([.. z.Select((value, i) => i == at ? value + by : value)]);
            return p.Zip(own, (now, before) => (-now * Math.Log(now)) + (kl * before * Math.Log(before / now))).Sum();
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3000)]
    public void The_most_probable_token_stays_and_the_entropy_falls(int vocabulary)
    {
        var rule = new EntropyMinimization { Steps = 15 };
        for (ulong seed = 0; seed < 60; seed++)
        {
            float[] logits = Random(vocabulary, seed, spread: 0.2 + (seed % 5));
            int best = Sampler.IndexOfMax(logits);
            if (seed % 3 == 0) logits[(best + 1) % vocabulary] = logits[best] - 1e-3f;
            bool uncertain = EntropyMinimization.Entropy(logits) >= rule.Threshold;
            float[] moved = Moved(logits, rule);
            Assert.Equal(best, Sampler.IndexOfMax(moved));
            if (uncertain) Assert.True(EntropyMinimization.Entropy(moved) < EntropyMinimization.Entropy(logits));
        }
    }

    [Fact]
    public void A_confident_token_keeps_its_logits_bit_for_bit_whatever_stands_beside_it()
    {
        float[] confident = [9, 1, 0.3f, float.NegativeInfinity], uncertain = [1, 0.5f, 0.3f, float.NegativeInfinity];
        var rule = new EntropyMinimization();
        float[] here = new float[4];
        Assert.False(rule.Apply(confident, here));
        Assert.Equal(confident, here);
        Assert.True(rule.Apply(uncertain, here));
        Assert.Equal(float.NegativeInfinity, here[3]);

        using DisposeScope scope = NewDisposeScope();
        Tensor both = rule.Apply(tensor([.. confident, .. uncertain]).view(2, 4));
        float[] values = Floats.Of(both);
        Assert.Equal(confident, values[..4]);
        Assert.All(here.Zip(values[4..]).Take(3), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Rollouts_change_do_not_depend_on_the_batch_and_stay_as_they_are_where_greedy()
    {
        using CausalLM model = TinyModels.Model("qwen3");
        GenerationRequest[] requests = TinyModels.Requests(samples: 5, 1, 6, 17, 33);
        var plain = new SamplingOptions { Seed = 3, MaxNewTokens = 24, MaxBatch = 64, TopP = 0.95 };
        SamplingOptions sharp = plain with { EntropyMinimization = new EntropyMinimization { Threshold = 0.5 } };
        IReadOnlyList<Rollout[]> expected = Generate(sharp);
        Assert.NotEqual(Ids(Generate(plain)), Ids(expected));
        foreach (int batch in new[] { 1, 3 }) AssertSame(expected, Generate(sharp with { MaxBatch = batch }));
        GenerationRequest[] reversed = [.. requests.Reverse()];
        AssertSame(expected, [.. new Generator(model, s_stops).Generate(reversed, sharp).Reverse()]);
        IReadOnlyList<Rollout[]> device = new Generator(model, s_stops) { Composite = true }.Generate(requests, sharp);
        Assert.Equal(Ids(expected), Ids(device));
        Assert.All(
            expected.Zip(device).SelectMany(pair => pair.First.Zip(pair.Second)).SelectMany(pair => pair.First.LogProbs.Zip(pair.Second.LogProbs)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-3));

        requests = TinyModels.Requests(samples: 1, 1, 6, 17);
        AssertSame(Generate(plain with { Temperature = 0 }), Generate(sharp with { Temperature = 0 }));

        IReadOnlyList<Rollout[]> Generate(SamplingOptions options) => new Generator(model, s_stops).Generate(requests, options);
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        foreach ((EntropyMinimization rule, string option) in ((EntropyMinimization, string)[])
            [(new() { Steps = 0 }, "em-steps"), (new() { Rate = 0 }, "em-rate"), (new() { Threshold = -1 }, "em-threshold"), (new() { KlWeight = double.NaN }, "em-kl")])
        {
            Assert.StartsWith(option, Assert.Throws<UserErrorException>(() => new SamplingOptions { EntropyMinimization = rule }.Check()).Message);
        }
    }

    internal static void AssertSame(IReadOnlyList<Rollout[]> expected, IReadOnlyList<Rollout[]> found)
    {
        Assert.Equal(Ids(expected), Ids(found));
        Assert.Equal(expected.SelectMany(all => all.Select(rollout => rollout.LogProbs)), found.SelectMany(all => all.Select(rollout => rollout.LogProbs)));
    }

    internal static int[][] Ids(IReadOnlyList<Rollout[]> rollouts) => [.. rollouts.SelectMany(all => all.Select(rollout => rollout.Ids))];

    private static float[] Moved(float[] logits, EntropyMinimization rule)
    {
        float[] moved = new float[logits.Length];
        rule.Apply(logits, moved);
        return moved;
    }

    private static float[] Random(int count, ulong seed, double spread)
    {
        var stream = new KeyedStream(5, seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)(stream.NextGaussian() * spread);
        return values;
    }

    private static double[] Softmax(double[] z)
    {
        double total = z.Sum(Math.Exp);
        return [.. z.Select(value => Math.Exp(value) / total)];
    }
}
