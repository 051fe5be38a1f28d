using Reasoning.Models.Generation;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Generation;

public sealed class SamplerTests
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    [Fact]
    public void Greedy_takes_the_lowest_id_among_equals()
    {
        float[] logits = new float[100];
        Array.Fill(logits, -3);
        logits[41] = logits[42] = logits[97] = 2;
        Assert.Equal(41, Sampler.Next(logits, s_greedy, 0.99).Id);
    }

    [Fact]
    public void Greedy_reports_the_log_probability_at_temperature_one()
    {
        float[] logits = [1, 3, 2];
        double expected = 3 - Math.Log(Math.Exp(1) + Math.Exp(3) + Math.Exp(2));
        Assert.Equal(expected, Sampler.Next(logits, s_greedy, 0).LogProb, 1e-6);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(17, 2)]
    [InlineData(300, 3)]
    [InlineData(1000, 4)]
    public void Draws_equal_a_full_sort(int vocabulary, ulong seed)
    {
        var random = new KeyedStream(seed, 0);
        for (int trial = 0; trial < 400; trial++)
        {
            float[] logits = Logits(vocabulary, ref random);
            var options = new SamplingOptions
            {
                Temperature = 0.1 + (2 * random.NextDouble()),
                TopK = random.NextInt(3) == 0 ? 1 + random.NextInt(vocabulary + 5) : 0,
                TopP = random.NextInt(3) == 0 ? 1 : Math.Max(1e-3, random.NextDouble()),
            };
            double uniform = random.NextDouble();

            Sampler.Draw draw = Sampler.Next(logits, options, uniform);

            (int id, double logProb) = Reference(logits, options, uniform);
            Assert.Equal(id, draw.Id);
            Assert.Equal(logProb, draw.LogProb, 1e-4);
        }
    }

    [Fact]
    public void The_nucleus_holds_at_least_one_token_and_ties_rank_by_id()
    {
        float[] logits = [0, 5, 5, 5];
        var options = new SamplingOptions { TopP = 1e-9 };
        Assert.All(new[] { 0, 0.3, 0.999999 }, uniform => Assert.Equal(1, Sampler.Next(logits, options, uniform).Id));
    }

    [Fact]
    public void The_nucleus_stops_at_the_token_that_reaches_p()
    {
        // Probabilities 0.5, 0.25, 0.25: two tokens reach 0.75, three are needed for anything above.
        float[] logits = [MathF.Log(0.25f), MathF.Log(0.5f), MathF.Log(0.25f)];
        Assert.Equal([0, 1], Support(logits, new SamplingOptions { TopP = 0.7499 }));
        Assert.Equal([0, 1, 2], Support(logits, new SamplingOptions { TopP = 0.7501 }));
        Assert.Equal([1], Support(logits, new SamplingOptions { TopP = 0.4999 }));
    }

    [Fact]
    public void Top_k_is_applied_before_top_p()
    {
        // Of the two kept by top-k the first has 2/3 of the mass, enough for p = 0.6; without top-k it has 1/2.
        float[] logits = [MathF.Log(0.25f), MathF.Log(0.5f), MathF.Log(0.25f)];
        Assert.Equal([1], Support(logits, new SamplingOptions { TopK = 2, TopP = 0.6 }));
    }

    [Fact]
    public void Draws_follow_the_distribution()
    {
        float[] logits = new float[600];
        var random = new KeyedStream(5, 0);
        for (int i = 0; i < logits.Length; i++)
            logits[i] = (float)(2 * random.NextGaussian());
        double total = logits.Sum(logit => Math.Exp(logit));

        const int Draws = 100_000;
        int[] counts = new int[logits.Length];
        for (int i = 0; i < Draws; i++)
            counts[Sampler.Next(logits, new SamplingOptions(), (i + 0.5) / Draws).Id]++;

        for (int id = 0; id < logits.Length; id++)
            Assert.InRange(counts[id] - (Draws * Math.Exp(logits[id]) / total), -1.5, 1.5);
    }

    [Fact]
    public void A_flat_distribution_over_a_large_vocabulary_works()
    {
        float[] logits = new float[151_936];
        var options = new SamplingOptions { TopP = 0.5 };
        Assert.Equal(0, Sampler.Next(logits, options, 0).Id);
        Assert.Equal(75_967, Sampler.Next(logits, options, 0.9999999999).Id);
        Assert.Equal(151_935, Sampler.Next(logits, new SamplingOptions(), 0.9999999999).Id);
    }

    [Fact]
    public void Impossible_tokens_are_never_drawn()
    {
        float[] logits = new float[1000];
        Array.Fill(logits, float.NegativeInfinity);
        logits[3] = logits[700] = 1;
        foreach (double uniform in new[] { 0, 0.4999, 0.5001, 1 - 1e-16 })
        {
            int expected = uniform < 0.5 ? 3 : 700;
            Assert.Equal(expected, Sampler.Next(logits, new SamplingOptions(), uniform).Id);
            Assert.Equal(expected, Sampler.Next(logits, new SamplingOptions { TopP = 0.999 }, uniform).Id);
            Assert.Equal(expected, Sampler.Next(logits, new SamplingOptions { TopK = 2 }, uniform).Id);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Broken_logits_are_refused(float value)
    {
        float[] logits = new float[50];
        logits[20] = value;
        Assert.Throws<ArithmeticException>(() => Sampler.Next(logits, new SamplingOptions(), 0.5));
    }

    [Fact]
    public void Sums_do_not_depend_on_the_address()
    {
        float[] values = new float[2000];
        var random = new KeyedStream(6, 0);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)random.NextDouble();
        double expected = Sampler.Sum(values);
        for (int shift = 1; shift < 16; shift++)
        {
            float[] moved = new float[values.Length + shift];
            values.CopyTo(moved, shift);
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(Sampler.Sum(moved.AsSpan(shift))));
        }
    }

    [Theory]
    [InlineData("temperature")]
    [InlineData("top-p")]
    [InlineData("top-k")]
    [InlineData("max-new-tokens")]
    [InlineData("max-batch")]
    public void Options_out_of_range_are_named(string option)
    {
        SamplingOptions options = option switch
        {
            "temperature" => new SamplingOptions { Temperature = -0.5 },
            "top-p" => new SamplingOptions { TopP = 0 },
            "top-k" => new SamplingOptions { TopK = -1 },
            "max-new-tokens" => new SamplingOptions { MaxNewTokens = 0 },
            _ => new SamplingOptions { MaxBatch = 0 },
        };
        Assert.StartsWith(option + " is ", Assert.Throws<UserErrorException>(options.Check).Message, StringComparison.Ordinal);
    }

    private static int[] Support(float[] logits, SamplingOptions options) =>
        [.. Enumerable.Range(0, 1000).Select(i => Sampler.Next(logits, options, i / 1000.0).Id).Distinct().Order()];

    /// <summary>Gaussian logits of random spread, rounded in some trials so that many are equal.</summary>
    private static float[] Logits(int vocabulary, ref KeyedStream random)
    {
        float spread = (float)(6 * random.NextDouble());
        bool rounded = random.NextInt(2) == 0;
        float[] logits = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++)
        {
            logits[i] = (float)random.NextGaussian() * spread;
            if (rounded)
                logits[i] = MathF.Round(logits[i]);
        }

        return logits;
    }

    private static (int Id, double LogProb) Reference(float[] logits, SamplingOptions options, double uniform)
    {
        float max = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - max) / options.Temperature))];
        double total = weights.Sum();
        IEnumerable<int> kept = Enumerable.Range(0, logits.Length);
        if (options.TopK > 0 || options.TopP < 1)
            kept = kept.OrderByDescending(id => logits[id] + 0f).ThenBy(id => id);
        if (options.TopK > 0)
            kept = kept.Take(options.TopK);
        List<int> ids = [.. kept];
        double mass = ids.Sum(id => weights[id]);
        if (options.TopP < 1)
        {
            double sum = 0;
            ids = ids[..(ids.FindIndex(id => (sum += weights[id]) >= options.TopP * mass) is var i and >= 0 ? i + 1 : ids.Count)];
            mass = ids.Sum(id => weights[id]);
        }

        ids.Sort();
        double running = 0;
        int chosen = ids.FindIndex(id => (running += weights[id]) > uniform * mass);
        int result = ids[chosen];
        return (result, ((logits[result] - max) / options.Temperature) - Math.Log(total));
    }
}
