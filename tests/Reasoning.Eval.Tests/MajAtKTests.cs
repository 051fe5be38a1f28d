using Reasoning.Eval.Statistics;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Tests;

public sealed class MajAtKTests
{
    [Fact]
    public void The_majority_of_all_samples_is_graded()
    {
        Assert.Equal(new MajorityEstimate(1, 0), MajAtK.Estimate([0, 1, 1], [false, true, true], 3));
        Assert.Equal(new MajorityEstimate(0, 0), MajAtK.Estimate([0, 0, 1], [false, false, true], 3));
    }

    [Fact]
    public void A_tie_is_worth_the_share_of_correct_classes()
    {
        Assert.Equal(new MajorityEstimate(0.5, 1), MajAtK.Estimate([0, 1], [true, false], 2));
        MajorityEstimate three = MajAtK.Estimate([0, 1, 2], [false, true, false], 3);
        Assert.Equal(1 / 3.0, three.Value, 12);
    }

    [Fact]
    public void Abstentions_never_win()
    {
        Assert.Equal(new MajorityEstimate(0, 0), MajAtK.Estimate([-1, -1], [false, false], 2));
        Assert.Equal(new MajorityEstimate(1, 0), MajAtK.Estimate([-1, -1, 4], [false, false, true], 3));
    }

    [Fact]
    public void One_draw_is_the_share_of_correct_samples()
    {
        MajorityEstimate estimate = MajAtK.Estimate([0, 1, 1, -1, 2], [true, false, false, false, false], 1);
        Assert.Equal(0.2, estimate.Value, 12);
        Assert.Equal(0, estimate.TieRate);
    }

    [Fact]
    public void Unanimous_samples_keep_their_grade_for_every_k()
    {
        for (int n = 1; n <= 40; n++)
        {
            for (int k = 1; k <= n; k++)
            {
                Assert.Equal(1, MajAtK.Estimate(new int[n], [.. Enumerable.Repeat(true, n)], k).Value, 9);
                Assert.Equal(0, MajAtK.Estimate(new int[n], new bool[n], k).Value);
            }
        }
    }

    [Fact]
    public void Every_k_equals_the_mean_over_all_subsets()
    {
        var random = new KeyedStream(7);
        for (int round = 0; round < 60; round++)
        {
            int n = 1 + random.NextInt(9);
            int[] classes = new int[n];
            for (int i = 0; i < n; i++) classes[i] = random.NextInt(5) - 1;
            int right = random.NextInt(4);
            bool[] correct = [.. classes.Select(c => c == right)];
            for (int k = 1; k <= n; k++)
            {
                (double value, double ties) = BruteForce(classes, correct, k);
                MajorityEstimate estimate = MajAtK.Estimate(classes, correct, k);
                Assert.Equal(value, estimate.Value, 10);
                Assert.Equal(ties, estimate.TieRate, 10);
            }
        }
    }

    [Fact]
    public void Many_samples_stay_exact()
    {
        // 300 of 500 in one class: the chance that it leads among 101 draws, from the hypergeometric distribution.
        int[] classes = [.. Enumerable.Range(0, 500).Select(i => i < 300 ? 0 : 1)];
        bool[] correct = [.. classes.Select(c => c == 0)];
        Assert.Equal(1 - MathNet.Numerics.Distributions.Hypergeometric.CDF(500, 300, 101, 50), MajAtK.Estimate(classes, correct, 101).Value, 9);
    }

    [Fact]
    public void More_draws_than_samples_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MajAtK.Estimate([0, 1], [true, false], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => MajAtK.Estimate([0, 1], [true, false], 0));
        Assert.Throws<ArgumentException>(() => MajAtK.Estimate([0, 1], [true], 1));
    }

    private static (double Value, double Ties) BruteForce(int[] classes, bool[] correct, int k)
    {
        int n = classes.Length, subsets = 0;
        double value = 0, ties = 0;
        for (uint subset = 0; subset < 1u << n; subset++)
        {
            if (System.Numerics.BitOperations.PopCount(subset) != k) continue;
            subsets++;
            int[] drawn = [.. Enumerable.Range(0, n).Where(i => (subset & (1u << i)) != 0 && classes[i] >= 0)];
            if (drawn.Length == 0) continue;
            var groups = drawn.GroupBy(i => classes[i]).ToList();
            int top = groups.Max(group => group.Count());
            var winners = groups.Where(group => group.Count() == top).ToList();
            value += winners.Average(group => correct[group.First()] ? 1.0 : 0.0);
            if (winners.Count > 1) ties++;
        }
        return (value / subsets, ties / subsets);
    }
}
