using Reasoning.Models.Modeling;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>The vote of answers to a prompt, by the settings of the recipe.</summary>
internal static class Voting
{
    /// <summary>Counts; where votes weigh by confidence entropies have to be there.</summary>
    public static VoteResult Of(IReadOnlyList<Sample> samples, Recipe recipe)
    {
        VoteResult vote = MajorityVote.Vote(
            [.. samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))],
            new VoteOptions { MinimumValidShare = recipe.MinimumValidShare });
        if (!VoteSettings.Weighs(recipe)) return vote;
        float[][] entropies = [.. samples.Select(sample => sample.Entropies)];
        return vote.Weighted(ConfidenceWeights.Of(vote, entropies, recipe.Of<VoteSettings>().VoteKeep));
    }

    /// <summary>Measures <see cref="Sample.Entropies"/> under a model.</summary>
    public static void MeasureEntropies(CausalLM model, IEnumerable<PromptGroup> groups, Recipe recipe, Ranks? ranks) => SampleScores.Each(
        model, [.. groups.SelectMany(group => group.Samples)], recipe.Temperature, recipe.MicroBatchTokens,
        (rows, _) => LogitRows.Entropy(rows.LogProbs()), (sample, values) => sample.Entropies = values, ranks);
}
