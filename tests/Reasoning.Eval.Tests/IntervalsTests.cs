using Reasoning.Eval.Statistics;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Tests;

public sealed class IntervalsTests
{
    [Fact]
    public void The_clustered_interval_is_the_mean_and_t_times_the_standard_error()
    {
        double[] scores = [0.1, 0.4, 0.35, 0.8, 0.6];
        Estimate estimate = Intervals.Clustered(scores);
        double mean = scores.Average(), error = Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / 4 / 5);
        Assert.Equal(mean, estimate.Value, 12);
        Assert.Equal(error, estimate.StandardError, 12);
        Assert.Equal(mean - (2.7764451 * error), estimate.Low, 6); // t with 4 degrees of freedom
        Assert.Equal(mean + (2.7764451 * error), estimate.High, 6);
    }

    [Fact]
    public void Scores_without_spread_still_have_an_interval()
    {
        Estimate none = Intervals.Clustered(new double[30]);
        Assert.Equal(0, none.Low);
        Assert.InRange(none.High, 0.08, 0.15);
        Estimate all = Intervals.Clustered([.. Enumerable.Repeat(1.0, 30)]);
        Assert.Equal(1, all.High);
        Assert.InRange(all.Low, 0.85, 0.92);
        Estimate single = Intervals.Clustered([0.5]);
        Assert.Equal((0, 1), (single.Low, single.High));
        Assert.True(double.IsNaN(single.StandardError));
        Assert.Throws<ArgumentException>(() => Intervals.Clustered([]));
    }

    [Fact]
    public void Wilson_is_the_published_value()
    {
        // 10 of 30, 95 %: (0.1923, 0.5122)
        Estimate estimate = Intervals.Wilson(10, 30);
        Assert.Equal(0.1923, estimate.Low, 4);
        Assert.Equal(0.5122, estimate.High, 4);
        Assert.Equal(0, Intervals.Wilson(0, 5).Low);
        Assert.Equal(1, Intervals.Wilson(5, 5).High);
    }

    [Fact]
    public void The_sampling_error_is_that_of_a_fixed_set_of_problems()
    {
        double[] shares = [0.5, 0.25, 1, 0];
        Assert.Equal(Math.Sqrt(((0.25 / 15) + (0.1875 / 15))) / 4, Intervals.SamplingError(shares, 16), 12);
        Assert.True(double.IsNaN(Intervals.SamplingError(shares, 1)));
    }

    [Fact]
    public void The_bootstrap_is_a_function_of_scores_and_seed()
    {
        double[] scores = [.. Enumerable.Range(0, 40).Select(i => i % 7 / 6.0)];
        (double Low, double High) first = Intervals.BootstrapEnds(scores, seed: 3, Intervals.BootstrapDraws);
        Assert.Equal(first, Intervals.BootstrapEnds(scores, seed: 3, Intervals.BootstrapDraws));
        Assert.NotEqual(first, Intervals.BootstrapEnds(scores, seed: 4, Intervals.BootstrapDraws));
        Estimate clustered = Intervals.Clustered(scores);
        Assert.Equal(clustered.Low, first.Low, 1);
        Assert.Equal(clustered.High, first.High, 1);
    }

    [Fact]
    public void The_clustered_interval_covers_the_truth_about_95_times_in_100()
    {
        // Problems with success rates uniform in [0, 1], four samples each: the true mean is 1/2.
        const int Rounds = 4_000, Problems = 25;
        int covered = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new KeyedStream(21, (ulong)round);
            double[] scores = new double[Problems];
            for (int p = 0; p < Problems; p++)
            {
                double rate = random.NextDouble();
                for (int s = 0; s < 4; s++) scores[p] += random.NextDouble() < rate ? 0.25 : 0;
            }
            Estimate estimate = Intervals.Clustered(scores);
            if (estimate.Low <= 0.5 && 0.5 <= estimate.High) covered++;
        }
        Assert.InRange((double)covered / Rounds, 0.935, 0.965);
    }

    [Fact]
    public void Wilson_covers_the_truth_about_95_times_in_100()
    {
        const int Rounds = 4_000;
        int covered = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new KeyedStream(22, (ulong)round);
            int successes = 0;
            for (int i = 0; i < 60; i++) successes += random.NextDouble() < 0.3 ? 1 : 0;
            Estimate estimate = Intervals.Wilson(successes, 60);
            if (estimate.Low <= 0.3 && 0.3 <= estimate.High) covered++;
        }
        Assert.InRange((double)covered / Rounds, 0.93, 0.975);
    }
}
