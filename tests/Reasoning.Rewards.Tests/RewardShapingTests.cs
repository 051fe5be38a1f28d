using Reasoning.Grading;
using Reasoning.Rewards.Shaping;

namespace Reasoning.Rewards.Tests;

public sealed class RewardShapingTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(80, 0)]
    [InlineData(90, -0.5)]
    [InlineData(100, -1)]
    public void Overlong_answers_lose_linearly_within_the_buffer(int length, double reward) =>
        Assert.Equal(reward, RewardShaping.Overlong(length, limit: 100, buffer: 20));

    [Fact]
    public void A_buffer_outside_its_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RewardShaping.Overlong(1, 100, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RewardShaping.Overlong(1, 100, 101));
    }

    [Theory]
    [InlineData(@"so \boxed{1}", 1)]
    [InlineData(@"\boxed{1} \boxed{2}", 0)]
    [InlineData(@"\boxed{1", 0)]
    [InlineData(@"\boxed{}", 0)]
    [InlineData("1", 0)]
    public void Format_wants_exactly_one_complete_box(string text, double reward) => Assert.Equal(reward, RewardShaping.Format(AnswerExtractor.Extract(text)));

    [Fact]
    public void Repetition_counts_ngrams_seen_before()
    {
        Assert.Equal(0, RewardShaping.Repetition([1, 2, 3, 4, 5, 6], 2));
        Assert.Equal(0, RewardShaping.Repetition([], 4));
        Assert.Equal(0, RewardShaping.Repetition([1, 2, 3, 4], 4));
        Assert.Equal(0.75, RewardShaping.Repetition([7, 7, 7, 7, 7], 2));
        Assert.Equal(1 - (2 / 5.0), RewardShaping.Repetition([1, 2, 1, 2, 1, 2], 2), 12);
        Assert.Equal(0.5, RewardShaping.Repetition([.. Enumerable.Repeat(9, 7)], 6));
    }

    [Fact]
    public void Control_rewards_repeat_for_their_key_and_differ_between_keys()
    {
        double[] rewards = ControlRewards.Random(1_000, 0.3, seed: 1, step: 2, "a");
        Assert.Equal(rewards, ControlRewards.Random(1_000, 0.3, 1, 2, "a"));
        Assert.NotEqual(rewards, ControlRewards.Random(1_000, 0.3, 1, 2, "b"));
        Assert.NotEqual(rewards, ControlRewards.Random(1_000, 0.3, 1, 3, "a"));
        Assert.InRange(rewards.Average(), 0.25, 0.35);
        Assert.All(rewards, reward => Assert.True(reward is 0 or 1));
    }

    [Fact]
    public void Shuffled_rewards_keep_their_sum()
    {
        double[] rewards = [.. Enumerable.Range(0, 50).Select(i => (double)i)];
        double[] shuffled = ControlRewards.Shuffled(rewards, 1, 2, "a");
        Assert.NotEqual(rewards, shuffled);
        Assert.Equal(rewards, shuffled.Order());
        Assert.Equal(shuffled, ControlRewards.Shuffled(rewards, 1, 2, "a"));
    }
}
