using Reasoning.Eval.Statistics;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Tests;

public sealed class IntervalsTests
{
    [Fact]
    public void In_the_middle_the_interval_is_nearly_t_times_the_standard_error()
    {
        double[] scores = [.. Enumerable.Range(0, 100).Select(i => 0.3 + (i % 5 * 0.1))];
        Estimate estimate = Intervals.Clustered(scores);
        double mean = scores.Average(), error = Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / 99 / 100);
        Assert.Equal(mean, estimate.Value, 12);
        Assert.Equal(error, estimate.StandardError, 12);
        Assert.Equal(mean - (1.984217 * error), estimate.Low, 4); // t with 99 degrees of freedom
        Assert.Equal(mean + (1.984217 * error), estimate.High, 4);
    }

    [Fact]
    public void Near_an_end_it_is_Wilsons_over_the_problems()
    {
        double[] scores = [.. Enumerable.Repeat(1.0, 255), 0];
        Estimate estimate = Intervals.Clustered(scores);
        Assert.Equal(0.9782, estimate.Low, 4); // Wilson for 255 of 256
        Assert.Equal(0.9993, estimate.High, 4);
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
        (double low, double high) = Intervals.Wilson(1 / 3.0, 30, 1.959964);
        Assert.Equal(0.1923, low, 4);
        Assert.Equal(0.5122, high, 4);
    }

    [Fact]
    public void The_sampling_error_is_that_of_a_fixed_set_of_problems()
    {
        double[] shares = [0.5, 0.25, 1, 0];
        Assert.Equal(Math.Sqrt(((0.25 / 15) + (0.1875 / 15))) / 4, Intervals.SamplingError(shares, 16), 12);
        Assert.True(double.IsNaN(Intervals.SamplingError(shares, 1)));
    }

    /// <summary>
    /// Half of the problems are solved at the mean rate, the others always or never; some samples each. One sample makes scores of 0 and 1, whose intervals
    /// can only jump from problem to problem: near the ends no interval has exactly 95 %.
    /// </summary>
    [Theory]
    [InlineData(256, 1, 0.5, 0.93, 0.97)]
    [InlineData(256, 1, 0.9, 0.93, 0.97)]
    [InlineData(256, 1, 0.99, 0.92, 0.985)]
    [InlineData(256, 1, 255 / 256.0, 0.90, 0.985)]
    [InlineData(256, 16, 0.5, 0.93, 0.97)]
    [InlineData(256, 16, 0.1, 0.93, 0.98)]
    [InlineData(256, 16, 0.02, 0.93, 0.995)] // near an end the spread of averages is not trusted, on the safe side
    [InlineData(256, 16, 255 / 256.0, 0.93, 0.99)]
    [InlineData(30, 16, 0.5, 0.93, 0.97)]
    [InlineData(30, 16, 0.1, 0.93, 0.985)]
    [InlineData(30, 1, 0.3, 0.93, 0.975)]
    public void The_interval_covers_the_truth_about_95_times_in_100(int problems, int samples, double mean, double least, double most)
    {
        const int Rounds = 1_500;
        int covered = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new KeyedStream(21, (ulong)round);
            double[] scores = new double[problems];
            for (int p = 0; p < problems; p++)
            {
                double rate = p % 2 == 0 ? mean : random.NextDouble() < mean ? 1 : 0;
                for (int s = 0; s < samples; s++) scores[p] += random.NextDouble() < rate ? 1.0 / samples : 0;
            }

            Estimate estimate = Intervals.Clustered(scores);
            if (estimate.Low - 1e-12 <= mean && mean <= estimate.High + 1e-12) covered++;
        }

        Assert.InRange((double)covered / Rounds, least, most);
    }
}
