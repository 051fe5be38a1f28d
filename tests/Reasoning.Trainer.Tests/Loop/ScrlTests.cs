using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>SCRL from vote to advantage; its formula has tests beside it in Reasoning.Rewards.Tests.</summary>
public sealed class ScrlTests
{
    private static readonly Recipe s_scrl = new() { Objective = Grpo.Declaration, Reward = RewardKind.Scrl };

    [Fact]
    public void Without_a_label_and_without_negatives_every_advantage_is_exactly_zero()
    {
        // Seven against seven of 16, two abstain, and entropies differ: σ would make a full update of that.
        PromptGroup group = Scored(s_scrl, "1", Split(7, 7), i => 0.1 * i);

        Assert.True(group.Samples.Select(sample => sample.Reward).Distinct().Count() > 2);
        Assert.All(group.Samples, sample => Assert.Equal(0, sample.Advantage));
        Assert.True(group.IsFlat);
    }

    [Fact]
    public void Without_a_label_negatives_alone_are_pushed_down_by_their_reward()
    {
        PromptGroup group = Scored(s_scrl, "1", Split(7, 7, 1), i => i == 14 ? 3 : 1);

        Assert.Equal(-1 / 16.0 - (0.1 * ((3 / (18 / 16.0)) - 1)), group.Samples[14].Advantage, 6);
        Assert.All(group.Samples.Where((_, i) => i != 14), sample => Assert.Equal(0, sample.Advantage));
        Assert.False(group.IsFlat);
    }

    [Fact]
    public void With_a_label_the_group_is_compared_and_the_order_is_label_other_negative_abstention()
    {
        PromptGroup group = Scored(s_scrl, "1", Split(9, 4, 1), i => 1);
        double[] advantages = [.. group.Samples.Select(sample => sample.Advantage)];

        Assert.Equal(0, advantages.Sum(), 9);
        Assert.True(advantages[0] > advantages[9] && advantages[9] > advantages[13] && advantages[13] > advantages[15]);
        Assert.True(advantages[0] > 0);
    }

    [Fact]
    public void Labels_and_negatives_are_held_against_gold_answers_where_there_are_any_and_change_nothing()
    {
        using var meter = new Meter();
        PromptGroup right = Scored(s_scrl, "1", Split(9, 4, 1), i => 1, meter), wrong = Scored(s_scrl, "3", Split(9, 4, 1), i => 1, meter);
        Scored(s_scrl, null, Split(9, 4, 1), i => 1, meter);
        Scored(s_scrl, "1", Split(7, 7), i => 1, meter);

        Assert.Equal(3 / 4.0, meter[ScrlReward.LabelledShare]);
        Assert.Equal(1 / 2.0, meter[ScrlReward.GatedLabelAccuracy]);
        Assert.Equal(3 / 64.0, meter[ScrlReward.NegativeShare]);
        Assert.Equal(1 / 2.0, meter[ScrlReward.NegativeAccuracy]); // the third answer was right
        Assert.Equal(right.Samples.Select(sample => sample.Advantage), wrong.Samples.Select(sample => sample.Advantage));
    }

    [Fact]
    public void A_shuffled_control_deals_out_what_the_gate_decided_and_a_random_one_forgets_it()
    {
        Recipe recipe = s_scrl with { Truncated = TruncatedKind.Keep };
        double[] honest = Advantages(recipe), shuffled = Advantages(recipe with { Control = ControlKind.Shuffled });
        double[] random = Advantages(recipe with { Control = ControlKind.Random });

        Assert.Single(honest, advantage => advantage != 0);
        Assert.Equal(honest.Order(), shuffled.Order());
        Assert.NotEqual(honest, shuffled);
        Assert.Equal(2, random.Distinct().Count());

        static double[] Advantages(Recipe recipe)
        {
            using Policy policy = Policy.Load(TinyModel.Folder);
            using var judge = new Judge(recipe, policy, _ => { });
            // The one that is rare has tokens of its own, which the model is less sure of.
            PromptGroup group = Split(7, 7, 1)("1", i => i == 14 ? [5, 9, 5, 9] : [2, 3]);
            judge.Score([group], step: 1);
            Advantage.Assign([group], recipe);
            Assert.True(group.Samples[14].MeanEntropy > group.Samples.Average(sample => sample.MeanEntropy));
            return [.. group.Samples.Select(sample => sample.Advantage)];
        }
    }

    /// <summary>What the judge does, with entropies by hand instead of a model's.</summary>
    private static PromptGroup Scored(
        Recipe recipe, string? gold, Func<string?, Func<int, int[]>, PromptGroup> make, Func<int, double> entropy, Meter? meter = null)
    {
        using RewardRule rule = ((RewardDeclaration)recipe.Reward).Create(new RewardContext(recipe, null!, _ => { }));
        PromptGroup group = make(gold, _ => [2, 3]);
        group.Vote = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))]);
        for (int i = 0; i < group.Samples.Count; i++)
        {
            group.Samples[i].Learns = true;
            group.Samples[i].Entropies = [(float)entropy(i), (float)entropy(i)];
        }

        rule.BeginStep([group], 1);
        double[] rewards = rule.Score(group);
        for (int i = 0; i < rewards.Length; i++) group.Samples[i].Reward = rewards[i];
        Advantage.Assign([group], recipe);
        if (meter is not null) rule.Measure(meter, [group]);
        return group;
    }

    /// <summary>16 answers: so many of 1, then of 2, and so on; the rest abstain.</summary>
    private static Func<string?, Func<int, int[]>, PromptGroup> Split(params int[] counts)
    {
        string[] votes = [.. counts.SelectMany((count, c) => Enumerable.Repeat($"\\boxed{{{c + 1}}}", count))];
        string[] texts = [.. votes, .. Enumerable.Repeat("none", 16 - votes.Length)];
        return (gold, ids) => new PromptGroup(
            new Prompt("p", "question", gold),
            [.. texts.Select((text, i) => new Sample(new Rollout("p", i, [1], ids(i), new float[ids(i).Length], FinishReason.Stop), text))]);
    }
}
