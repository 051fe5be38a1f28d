using Reasoning.Eval.Statistics;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Tests;

public sealed class PairedComparisonTests
{
    [Fact]
    public void A_clear_change_has_an_interval_above_zero_and_a_small_p()
    {
        double[] before = [.. Enumerable.Range(0, 60).Select(i => i % 10 / 12.0)], after = [.. before.Select((score, i) => score + (i % 3 * 0.1))];
        PairedDifference difference = PairedComparison.Compare(before, after);
        Assert.Equal(0.1, difference.Mean, 12);
        Assert.True(difference.IsUp);
        Assert.InRange(difference.PValue, 0, 0.001);
        Assert.Equal((40, 0, 60), (difference.Better, difference.Worse, difference.Problems));
    }

    [Fact]
    public void Swapping_before_and_after_mirrors_the_result()
    {
        double[] a = [0.1, 0.5, 0.9, 0.3, 0.4, 0.2], b = [0.4, 0.5, 0.7, 0.6, 0.8, 0.1];
        PairedDifference forward = PairedComparison.Compare(a, b, seed: 5), backward = PairedComparison.Compare(b, a, seed: 5);
        Assert.Equal(forward.Mean, -backward.Mean, 12);
        Assert.Equal(forward.Low, -backward.High, 12);
        Assert.Equal(forward.PValue, backward.PValue);
    }

    [Fact]
    public void The_result_is_a_function_of_scores_and_seed()
    {
        double[] a = [0.1, 0.5, 0.9, 0.3, 0.4, 0.2], b = [0.4, 0.5, 0.7, 0.6, 0.8, 0.1];
        Assert.Equal(PairedComparison.Compare(a, b, seed: 5), PairedComparison.Compare(a, b, seed: 5));
        Assert.NotEqual(PairedComparison.Compare(a, b, seed: 5), PairedComparison.Compare(a, b, seed: 6));
    }

    [Fact]
    public void The_p_value_approaches_the_count_over_all_signs()
    {
        double[] differences = [0.4, -0.1, 0.3, 0.2, -0.05, 0.25, 0.1];
        double observed = Math.Abs(differences.Sum());
        int asFar = Enumerable.Range(0, 1 << 7).Count(signs =>
            Math.Abs(differences.Select((d, i) => (signs & (1 << i)) == 0 ? d : -d).Sum()) >= observed - 1e-12);
        PairedDifference difference = PairedComparison.Compare(new double[7], differences, draws: 40_000);
        Assert.Equal(asFar / 128.0, difference.PValue, 2);
    }

    [Fact]
    public void No_change_at_all_is_no_proof_of_no_change()
    {
        double[] scores = [0.25, 0.5, 1];
        PairedDifference difference = PairedComparison.Compare(scores, scores);
        Assert.Equal((0.0, 1.0), (difference.Mean, difference.PValue));
        Assert.True(difference.Low < 0 && difference.High > 0);
        PairedDifference many = PairedComparison.Compare(new double[256], new double[256]);
        Assert.InRange(many.High, 0.01, 0.02);
        PairedDifference all = PairedComparison.Compare(new double[100], [.. Enumerable.Repeat(1.0, 100)]);
        Assert.Equal(1, all.High, 12);
        Assert.True(all.Low > 0.9);
    }

    [Fact]
    public void Lists_that_do_not_pair_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PairedComparison.Compare([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => PairedComparison.Compare([], []));
    }

    [Fact]
    public void Without_an_effect_the_interval_excludes_zero_about_5_times_in_100()
    {
        const int Rounds = 1_000, Problems = 40;
        int excluded = 0, small = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new KeyedStream(23, (ulong)round);
            double[] before = new double[Problems], after = new double[Problems];
            for (int p = 0; p < Problems; p++)
            {
                double rate = random.NextDouble();
                for (int s = 0; s < 8; s++)
                {
                    before[p] += random.NextDouble() < rate ? 0.125 : 0;
                    after[p] += random.NextDouble() < rate ? 0.125 : 0;
                }
            }
            PairedDifference difference = PairedComparison.Compare(before, after, (ulong)round, draws: 400);
            if (difference.IsUp || difference.IsDown) excluded++;
            if (difference.PValue <= 0.05) small++;
        }
        Assert.InRange((double)excluded / Rounds, 0.03, 0.09);
        Assert.InRange((double)small / Rounds, 0.03, 0.07);
    }
}
