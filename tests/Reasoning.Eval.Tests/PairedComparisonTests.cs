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
        Assert.True(difference.Low > 0);
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
    public void Few_differences_are_counted_over_all_signs()
    {
        double[] differences = [0.4, -0.1, 0.3, 0.2, -0.05, 0.25, 0.1];
        double observed = Math.Abs(differences.Sum());
        int asFar = Enumerable.Range(0, 1 << 7).Count(signs =>
            Math.Abs(differences.Select((d, i) => (signs & (1 << i)) == 0 ? d : -d).Sum()) >= observed - 1e-12);
        Assert.Equal(asFar / 128.0, PairedComparison.Compare(new double[9], [.. differences, 0, 0]).PValue, 12);
    }

    [Theory]
    [InlineData(4, 0, 0.125)]
    [InlineData(5, 0, 0.0625)]
    [InlineData(6, 0, 0.03125)]
    [InlineData(12, 3, 0.03515625)]
    [InlineData(40, 20, 0.013487)]
    [InlineData(7, 7, 1)]
    public void Right_and_wrong_alone_give_the_exact_sign_test(int up, int down, double p)
    {
        double[] before = new double[256], after = new double[256];
        for (int i = 0; i < up; i++) after[i] = 1;
        for (int i = 0; i < down; i++) before[100 + i] = 1;
        PairedDifference difference = PairedComparison.Compare(before, after);
        Assert.Equal(p, difference.PValue, 5);
        if (p > 0.1) Assert.True(difference.Low <= 0 && difference.High >= 0);
    }

    [Fact]
    public void Many_differences_are_flipped_at_random_keyed_by_the_seed()
    {
        double[] before = new double[30], after = [.. Enumerable.Range(0, 30).Select(i => ((i * 7) % 11 - 4) / 10.0)];
        Assert.Equal(PairedComparison.Compare(before, after, seed: 5), PairedComparison.Compare(before, after, seed: 5));
        double one = PairedComparison.Compare(before, after, seed: 5).PValue, other = PairedComparison.Compare(before, after, seed: 6).PValue;
        Assert.NotEqual(one, other);
        Assert.Equal(one, other, 1);
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

    [Theory]
    [InlineData(40, 8, 0, 1)]
    [InlineData(256, 16, 0, 1)]
    [InlineData(256, 1, 0.3, 0.4)]
    [InlineData(256, 1, 0.98, 1)]
    [InlineData(30, 16, 0, 1)]
    public void Without_an_effect_a_change_is_claimed_at_most_5_times_in_100(int problems, int samples, double lowest, double highest)
    {
        const int Rounds = 1_000;
        int excluded = 0, small = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new KeyedStream(23, (ulong)round);
            double[] before = new double[problems], after = new double[problems];
            for (int p = 0; p < problems; p++)
            {
                double rate = lowest + ((highest - lowest) * random.NextDouble());
                for (int s = 0; s < samples; s++)
                {
                    before[p] += random.NextDouble() < rate ? 1.0 / samples : 0;
                    after[p] += random.NextDouble() < rate ? 1.0 / samples : 0;
                }
            }

            PairedDifference difference = PairedComparison.Compare(before, after, (ulong)round, flips: 400);
            if (difference.Low > 0 || difference.High < 0) excluded++;
            if (difference.PValue <= 0.05) small++;
        }

        Assert.InRange((double)excluded / Rounds, 0, 0.065);
        Assert.InRange((double)small / Rounds, 0, 0.065);
        if (samples > 1) Assert.InRange((double)small / Rounds, 0.03, 0.065); // tests of right and wrong alone have few values and are on the safe side
    }

    [Fact]
    public void Holm_is_the_published_procedure()
    {
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1.0, 1.0], Holm.Adjust([0.9, 0.6]));
        Assert.Equal([0.9, double.NaN, 0.9], Holm.Adjust([0.45, double.NaN, 0.6])); // what was not tested does not count
        Assert.Empty(Holm.Adjust([]));
    }
}
