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
