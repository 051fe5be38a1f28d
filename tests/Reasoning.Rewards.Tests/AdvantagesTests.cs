using Reasoning.Rewards.Shaping;

namespace Reasoning.Rewards.Tests;

public sealed class AdvantagesTests
{
    [Fact]
    public void Grpo_of_one_success_in_32_is_the_known_value()
    {
        double[] rewards = new double[32];
        rewards[5] = 1;
        double[] advantages = Advantages.Grpo(rewards);
        Assert.Equal(5.48, advantages[5], 2);
        Assert.Equal(-0.177, advantages[0], 3);
    }

    [Fact]
    public void Grpo_has_mean_zero_and_unbiased_unit_deviation()
    {
        double[] advantages = Advantages.Grpo([1, 2, 4, 9], epsilon: 0);
        Assert.Equal(0, advantages.Sum(), 12);
        Assert.Equal(1, advantages.Sum(a => a * a) / 3, 12);
    }

    [Fact]
    public void Dr_grpo_only_centres() => Assert.Equal([0.75, -0.25, -0.25, -0.25], Advantages.DrGrpo([1, 0, 0, 0]));

    [Fact]
    public void Rloo_subtracts_the_mean_of_the_others()
    {
        double[] rewards = [1, 2, 6];
        double[] advantages = Advantages.Rloo(rewards);
        for (int i = 0; i < 3; i++) Assert.Equal(rewards[i] - ((9 - rewards[i]) / 2), advantages[i], 12);
    }

    [Fact]
    public void Equal_rewards_single_rewards_and_no_rewards_give_exactly_zero()
    {
        foreach (double[] rewards in (double[][])[[], [1], [0.1, 0.1, 0.1], [double.NaN, 3], [double.NaN, double.NaN]])
        {
            Assert.Equal(new double[rewards.Length], Advantages.Grpo(rewards));
            Assert.Equal(new double[rewards.Length], Advantages.DrGrpo(rewards));
            Assert.Equal(new double[rewards.Length], Advantages.Rloo(rewards));
        }
    }

    [Fact]
    public void Rewards_that_are_no_numbers_are_left_out()
    {
        double[] without = Advantages.Grpo([1, 0, 0]);
        double[] with = Advantages.Grpo([1, double.NaN, 0, double.PositiveInfinity, 0]);
        Assert.Equal([without[0], 0, without[1], 0, without[2]], with);
        Assert.Equal([1.0, 0, -1], Advantages.Rloo([1, double.NaN, 0]));
    }

    /// <summary>Against all sets of k: the mean of what a set with the answer in it is worth, less that of any set, by its deviation.</summary>
    [Theory]
    [InlineData(1, 8, 4)]
    [InlineData(3, 8, 4)]
    [InlineData(5, 9, 2)]
    [InlineData(2, 10, 1)]
    [InlineData(1, 6, 6)]
    public void Pass_at_k_is_what_an_answer_adds_to_a_random_set(int right, int count, int k)
    {
        double[] rewards = [.. Enumerable.Range(0, count).Select(i => i < right ? 1.0 : 0)];
        int[] sets = [.. Enumerable.Range(0, 1 << count).Where(set => int.PopCount(set) == k)];
        double Worth(int set) => Enumerable.Range(0, right).Any(i => ((set >> i) & 1) == 1) ? 1 : 0;
        double mean = sets.Average(Worth), deviation = Math.Sqrt(sets.Average(set => (Worth(set) - mean) * (Worth(set) - mean)));
        double[] advantages = Advantages.PassAtK(rewards, k);

        for (int i = 0; i < count; i++)
        {
            double expected = deviation < 1e-6 ? 0 : (sets.Where(set => ((set >> i) & 1) == 1).Average(Worth) - mean) / deviation;
            Assert.Equal(expected, advantages[i], 12);
        }

        Assert.Equal(0, advantages.Sum(), 9);
    }

    [Fact]
    public void Pass_at_k_of_32_answers_by_hand_and_where_it_says_nothing()
    {
        double[] rewards = new double[32];
        rewards[5] = 1;
        // F = C(31, 4) / C(32, 4) = 28 / 32; A₊ = F / σ, and all sum to zero.
        double[] advantages = Advantages.PassAtK(rewards, 4);
        Assert.Equal(0.875 / Math.Sqrt(0.875 * 0.125), advantages[5], 12);
        Assert.Equal(-advantages[5] / 31, advantages[0], 12);

        foreach (double[] silent in (double[][])[[], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0], [1, 1, 1, 1, 0], [1, double.NaN, 0, 0]])
            Assert.Equal(new double[silent.Length], Advantages.PassAtK(silent, 4));
        Assert.Equal(0, Advantages.PassAtK([1, double.NaN, 0, 0, 0, 0], 2)[1]);
    }

    [Fact]
    public void Entropy_factors_favour_the_sure_and_never_turn_an_advantage_around()
    {
        Assert.Equal([1.5, 1.0, 0.5], Advantages.EntropyFactors([1, 2, 3]));
        Assert.Equal([2.0, 2, 2, 0], Advantages.EntropyFactors([0, 0, 0, 8]));
        Assert.Equal([1.0, 1], Advantages.EntropyFactors([0, 0]));
        Assert.Empty(Advantages.EntropyFactors([]));
    }

    [Fact]
    public void Reinforce_plus_plus_whitens_over_tokens()
    {
        double[][] groups = [[1, 0], [0, 0, 1]];
        int[][] lengths = [[3, 5], [2, 4, 6]];
        double[][] advantages = Advantages.ReinforcePlusPlus(groups, lengths, epsilon: 0);
        double tokens = 20, sum = 0, squares = 0;
        for (int g = 0; g < 2; g++)
        {
            for (int i = 0; i < groups[g].Length; i++)
            {
                sum += lengths[g][i] * advantages[g][i];
                squares += lengths[g][i] * advantages[g][i] * advantages[g][i];
            }
        }
        Assert.Equal(0, sum, 10);
        Assert.Equal(1, squares / (tokens - 1), 10);
        Assert.All(Advantages.ReinforcePlusPlus([[1, 1], [0, 0]], [[3, 5], [2, 2]]), group => Assert.All(group, a => Assert.Equal(0, a)));
        Assert.Throws<ArgumentException>(() => Advantages.ReinforcePlusPlus([[1, 1]], [[3]]));
    }
}
