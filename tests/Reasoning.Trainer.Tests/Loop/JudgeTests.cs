using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class JudgeTests
{
    private static readonly Recipe s_majority = new() { Objective = Grpo.Declaration, Reward = RewardKind.Majority };

    [Fact]
    public void Answers_that_equal_the_vote_earn_the_reward_whatever_their_form()
    {
        PromptGroup group = Judged(s_majority, Groups.Of(null, "\\boxed{1/2}", "\\boxed{0.5}", "\\boxed{7}", "no box"));

        Assert.Equal([1.0, 1, 0, 0], group.Samples.Select(sample => sample.Reward));
        Assert.Equal(0.5, group.Vote!.Share);
    }

    [Fact]
    public void The_gold_answer_changes_nothing_in_label_free_recipes()
    {
        foreach (
            Reward reward in (Reward[])[RewardKind.Majority, RewardKind.MajorityNovelty, RewardKind.SoftMajority,
            RewardKind.Likelihood])
        {
            Recipe recipe = s_majority with { Reward = reward };
            string[] texts = ["first \\boxed{3}", "second way \\boxed{3}", "\\boxed{8}"];
            double[] without = Rewards(recipe, null), right = Rewards(recipe, "3"), wrong = Rewards(recipe, "8");
            Assert.Equal(without, right);
            Assert.Equal(without, wrong);

            double[] Rewards(Recipe r, string? gold) => [.. Judged(r, Groups.Of(gold, texts)).Samples.Select(sample => sample.Reward)];
        }
    }

    [Fact]
    public void The_labelled_baseline_rewards_what_is_correct_rather_than_what_agrees()
    {
        PromptGroup group = Judged(s_majority with { Reward = RewardKind.Gold }, Groups.Of("8", "\\boxed{3}", "\\boxed{3}", "\\boxed{8}"));

        Assert.Equal([0.0, 0, 1], group.Samples.Select(sample => sample.Reward));
        Assert.Equal([true, true, false], group.Samples.Select(sample => sample.Agrees));
    }

    [Fact]
    public void A_truncated_answer_never_votes_and_is_masked_penalized_or_kept()
    {
        string[] texts = ["\\boxed{5}…", "\\boxed{5}…", "\\boxed{6}"];
        PromptGroup masked = Judged(s_majority, Groups.Of(null, texts));
        Assert.Equal("6", masked.Vote!.Winner);
        Assert.Equal([false, false, true], masked.Samples.Select(sample => sample.Learns));

        PromptGroup penalized = Judged(s_majority with { Truncated = TruncatedKind.Penalize }, Groups.Of(null, texts));
        Assert.Equal([true, true, true], penalized.Samples.Select(sample => sample.Learns));
        Assert.Equal([0.0, 0, 1], penalized.Samples.Select(sample => sample.Reward));

        PromptGroup kept = Judged(s_majority with { Truncated = TruncatedKind.Keep }, Groups.Of(null, texts));
        Assert.True(kept.Samples[0].Learns);
    }

    [Theory]
    [InlineData("token limit", "\\boxed{1}…", "text…")]
    [InlineData("no vote", "one", "two")]
    public void A_group_without_a_signal_is_skipped_with_the_reason(string reason, params string[] texts)
    {
        PromptGroup group = Judged(s_majority, Groups.Of(null, texts));

        Assert.Contains(reason, group.Skipped);
        Assert.Empty(group.Learning);
        Assert.All(group.Samples, sample => Assert.Equal(0, sample.Advantage));
    }

    [Fact]
    public void Equal_rewards_give_zero_advantage_and_are_counted()
    {
        PromptGroup group = Judged(s_majority, Groups.Of(null, "\\boxed{1}", "\\boxed{1}"));

        Assert.True(group.IsFlat);
        Assert.All(group.Samples, sample => Assert.Equal(0, sample.Advantage));
    }

    [Fact]
    public void All_answers_vote_and_the_first_ones_train()
    {
        PromptGroup group = Judged(
            s_majority with { TrainSamples = 2, SamplesPerPrompt = 4 }, Groups.Of(
                null, "\\boxed{9}", "\\boxed{1}", "\\boxed{1}", "\\boxed{1}"));

        Assert.Equal("1", group.Vote!.Winner);
        Assert.Equal([true, true, false, false], group.Samples.Select(sample => sample.Learns));
        Assert.Equal(-group.Samples[0].Advantage, group.Samples[1].Advantage, 9);
    }

    [Fact]
    public void A_shuffled_control_keeps_the_rewards_and_a_random_one_ignores_the_answers()
    {
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => i % 4 == 0 ? "\\boxed{2}" : "\\boxed{1}")];
        double[] honest = Rewards(ControlKind.None), shuffled = Rewards(ControlKind.Shuffled), random = Rewards(ControlKind.Random);

        Assert.Equal(honest.Sum(), shuffled.Sum());
        Assert.NotEqual(honest, shuffled);
        Assert.InRange(random.Sum(), 16, 48);
        Assert.Equal(random, Rewards(ControlKind.Random));

        double[] Rewards(ControlKind control) =>
            [.. Judged(s_majority with { Control = control }, Groups.Of(null, texts)).Samples.Select(sample => sample.Reward)];
    }

    private static PromptGroup Judged(Recipe recipe, PromptGroup group)
    {
        using var judge = new Judge(recipe, policy: null!, _ => { });
        judge.Score([group], step: 1);
        Advantage.Assign([group], recipe);
        return group;
    }
}
