using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Tests;

public sealed class PassAtKTests
{
    [Fact]
    public void All_right_is_one_and_all_wrong_is_zero_for_every_n_and_k()
    {
        for (int n = 1; n <= 64; n++)
        {
            for (int k = 1; k <= n; k++)
            {
                Assert.Equal(1, PassAtK.Estimate(n, n, k));
                Assert.Equal(0, PassAtK.Estimate(n, 0, k));
            }
        }
    }

    [Fact]
    public void One_draw_is_the_share_of_correct_samples()
    {
        for (int n = 1; n <= 64; n++)
        {
            for (int c = 0; c <= n; c++) Assert.Equal((double)c / n, PassAtK.Estimate(n, c, 1), 12);
        }
    }

    [Fact]
    public void Every_estimate_up_to_nine_samples_equals_the_count_over_all_subsets()
    {
        for (int n = 1; n <= 9; n++)
        {
            for (int c = 0; c <= n; c++)
            {
                int[] hits = new int[n + 1], all = new int[n + 1];
                int[][] atLeast = [.. Enumerable.Range(0, n + 1).Select(_ => new int[n + 1])];
                for (uint subset = 1; subset < 1u << n; subset++)
                {
                    int k = System.Numerics.BitOperations.PopCount(subset);
                    int right = System.Numerics.BitOperations.PopCount(subset & ((1u << c) - 1));
                    all[k]++;
                    if (right > 0) hits[k]++;
                    for (int i = 1; i <= right; i++) atLeast[k][i]++;
                }
                for (int k = 1; k <= n; k++)
                {
                    Assert.Equal((double)hits[k] / all[k], PassAtK.Estimate(n, c, k), 12);
                    foreach (double threshold in (double[])[0, 0.25, 0.5, 0.6, 1])
                    {
                        int needed = Math.Max((int)Math.Ceiling((decimal)threshold * k), 1);
                        Assert.Equal((double)atLeast[k][needed] / all[k], GPassAtK.Estimate(n, c, k, threshold), 10);
                    }
                }
            }
        }
    }

    [Fact]
    public void Large_samples_stay_exact()
    {
        // C(9_999, 5000) / C(10_000, 5000) = 1/2
        Assert.Equal(0.5, PassAtK.Estimate(10_000, 1, 5_000), 12);
        Assert.Equal(1 - (0.5 * 4_999 / 9_999), PassAtK.Estimate(10_000, 2, 5_000), 12);
    }

    [Theory]
    [InlineData(4, 2, 5)]
    [InlineData(4, 2, 0)]
    [InlineData(4, 5, 2)]
    [InlineData(4, -1, 2)]
    public void What_has_no_estimate_is_refused(int n, int c, int k)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Estimate(n, c, k));
        Assert.Throws<ArgumentOutOfRangeException>(() => GPassAtK.Estimate(n, c, k, 0.5));
    }

    [Fact]
    public void The_mean_of_g_pass_is_the_published_sum()
    {
        double sum = 0;
        for (int i = 3; i <= 4; i++) sum += GPassAtK.Estimate(10, 6, 4, i / 4.0);
        Assert.Equal(2.0 / 4 * sum, GPassAtK.Mean(10, 6, 4), 12);
        Assert.Equal(1, GPassAtK.Mean(10, 10, 4), 12);
    }
}
