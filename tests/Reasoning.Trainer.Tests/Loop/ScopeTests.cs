using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>SCOPE from a model's entropies to advantages; its parts have tests in Reasoning.Rewards.Tests.</summary>
public sealed class ScopeTests
{
    private static readonly Recipe s_scope = new() { Objective = Grpo.Declaration, Reward = RewardKind.Scope, Truncated = TruncatedKind.Keep };

    [Fact]
    public void Answers_earn_the_label_of_their_own_block_and_large_blocks_are_compared_within_themselves()
    {
        // Of 32: 1 and 2 in turn, so that halves differ in their winner.
        PromptGroup group = Judged(s_scope, [.. Enumerable.Range(0, 32).Select(i => $"\\boxed{{{1 + (i % 2)}}}")], out Meter meter);
        int size = (int)meter[ScopeReward.SubgroupSize]!.Value;
        Assert.Contains(size, (int[])[8, 16, 32]);
        foreach (Sample[] block in group.Samples.Chunk(size))
        {
            string[] right = [.. block.Where(sample => sample.Reward == 1).Select(sample => sample.Extraction.Answer!).Distinct()];
            Assert.Single(right);
            Assert.All(block, sample => Assert.Equal(sample.Extraction.Answer == right[0] ? 1 : 0, sample.Reward));
            Assert.Equal(0, block.Sum(sample => sample.Advantage), 9);
            Assert.Equal(1, block.Sum(sample => sample.Advantage * sample.Advantage) / (block.Length - 1), 1e-4);
        }

        meter.Dispose();
    }

    [Fact]
    public void A_block_without_a_label_has_advantages_of_exactly_zero()
    {
        PromptGroup group = Judged(s_scope, [.. Enumerable.Range(0, 32).Select(i => $"\\boxed{{{i}}}")], out Meter meter);
        Assert.Equal(1, meter[ScopeReward.UnlabelledShare]);
        Assert.Null(meter[ScopeReward.SubgroupAccuracy]);
        Assert.All(group.Samples, sample => Assert.Equal(0, sample.Advantage));
        Assert.True(group.IsFlat);
        meter.Dispose();
    }

    [Fact]
    public void Small_blocks_share_one_baseline_and_labels_are_held_against_gold()
    {
        PromptGroup group = Judged(s_scope, [.. Enumerable.Range(0, 8).Select(i => i < 6 ? "\\boxed{1}" : "\\boxed{2}")], out Meter meter);
        Assert.All(group.Samples, sample => Assert.Equal(0, sample.Baseline));
        Assert.Equal(1, meter[ScopeReward.SubgroupAccuracy]);
        Assert.Equal(1, meter[ScopeReward.SubgroupLabels]);
        meter.Dispose();
    }

    [Fact]
    public void Steps_end_with_lines_and_weights_come_from_the_models_entropies()
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        int line = policy.Tokenizer.Encode("\n")[0], word = policy.Tokenizer.Encode("so")[0];
        Assert.Contains('\n', policy.Tokenizer.Decode([line]));
        int[] ids = [word, line, line, word, word, line, word];
        var sample = new Sample(new Rollout("p", 0, [1], ids, new float[ids.Length], FinishReason.Stop), "\\boxed{1}");
        (_, _, double[] entropies) = Scorer.Score(policy.Model, [1, .. ids]);
        double[] steps = [entropies[..3].Average(), entropies[3..6].Average(), entropies[6]];
        var group = new PromptGroup(new Prompt("p", "?"), [sample, .. Groups.Of(null, "\\boxed{2}").Samples]);
        using var judge = new Judge(s_scope, policy, _ => { });
        judge.Score([group], step: 1);
        using var rule = (ScopeReward)RewardKind.Scope.Create(new RewardContext(s_scope, policy, _ => { }));

        Assert.Equal(Math.Exp(-steps.Average()), rule.Weight(sample), 1e-4);
        Assert.NotEqual(entropies.Average(), steps.Average(), 1e-2);
    }

    private static PromptGroup Judged(Recipe recipe, string[] texts, out Meter meter)
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        PromptGroup group = Groups.Of("1", texts);
        using var judge = new Judge(recipe, policy, _ => { });
        judge.Score([group], step: 1);
        Advantage.Assign([group], recipe);
        meter = new Meter();
        judge.Measure(meter, [group]);
        return group;
    }
}
