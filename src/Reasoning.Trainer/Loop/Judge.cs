using Reasoning.Models;
using Reasoning.Rewards;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Says what every answer of a group is worth: extract, vote, reward. All answers vote; the first <c>train-samples</c> of them learn,
/// but for truncated ones where the recipe masks those.
/// </summary>
internal static class Judge
{
    private static readonly HashedNgramEmbedding s_embedding = new();

    public static void Score(IReadOnlyList<Group> groups, Recipe recipe, int step)
    {
        foreach (Group group in groups)
        {
            Vote(group);
            ChooseLearners(group, recipe);
            group.Skipped = WhySkipped(group, recipe);
            if (recipe.Reward == RewardKind.None || group.Skipped is not null) continue;
            double[] rewards = Control(Rewards(group, recipe), group, recipe, step);
            for (int i = 0; i < rewards.Length; i++) group.Samples[i].Reward = rewards[i];
        }
    }

    private static void Vote(Group group)
    {
        group.Vote = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))]);
        bool[] agrees = group.Vote.Agrees;
        for (int i = 0; i < agrees.Length; i++) group.Samples[i].Agrees = agrees[i];
    }

    private static void ChooseLearners(Group group, Recipe recipe)
    {
        foreach (Sample sample in group.Samples.Take(recipe.LearningSamples))
            sample.Learns = !(sample.IsTruncated && recipe.Truncated == TruncatedKind.Mask);
    }

    private static string? WhySkipped(Group group, Recipe recipe)
    {
        bool votes = recipe.Reward is RewardKind.Majority or RewardKind.MajorityNovelty or RewardKind.SoftMajority;
        if (!group.Samples.Any(sample => sample.Learns)) return "every answer ran into the token limit";
        if (votes && group.Vote!.Winner is null) return "no answer can be read, so there is no vote";
        return recipe.Reward == RewardKind.Gold && group.Prompt.Answer is null ? "the prompt has no gold answer" : null;
    }

    private static double[] Rewards(Group group, Recipe recipe)
    {
        double[] rewards = recipe.Reward switch
        {
            RewardKind.Majority => group.Vote!.Rewards,
            RewardKind.SoftMajority => [.. group.Vote!.Class.Select(c => c < 0 ? 0 : (double)group.Vote.Votes[c] / group.Vote.Total)],
            RewardKind.MajorityNovelty => NoveltyReward.Score([.. group.Samples.Select(Novelty)], s_embedding).Rewards,
            RewardKind.Likelihood => [.. group.Samples.Select(sample => sample.Rollout.LogProbs.Sum(p => (double)p))],
            RewardKind.Gold => [.. group.Samples.Select(sample => IsCorrect(group.Prompt, sample) ? 1.0 : 0)],
            _ => throw new InvalidOperationException($"no reward called {recipe.Reward}"),
        };
        if (recipe.Truncated == TruncatedKind.Penalize)
        {
            double lowest = rewards.Min();
            for (int i = 0; i < rewards.Length; i++)
            {
                if (group.Samples[i].IsTruncated) rewards[i] = lowest;
            }
        }

        return rewards;
    }

    private static NoveltyResponse Novelty(Sample sample) =>
        new(
            NoveltyReward.ReasoningPart(sample.Text, NoveltyText.BeforeFinalBox),
            sample.Agrees,
            NoveltyReward.IsValid(sample.Text, sample.IsTruncated, NoveltyValidity.ReadableAnswer));

    private static double[] Control(double[] rewards, Group group, Recipe recipe, int step) => recipe.Control switch
    {
        ControlKind.Random => ControlRewards.Random(rewards.Length, 0.5, recipe.Seed, step, group.Prompt.Id),
        ControlKind.Shuffled => ControlRewards.Shuffled(rewards, recipe.Seed, step, group.Prompt.Id),
        _ => rewards,
    };

    /// <summary>Compares with the gold answer: for the labelled baseline, and for logs of prompts that have one.</summary>
    internal static bool IsCorrect(Prompt prompt, Sample sample) =>
        sample.IsAnswered && prompt.Answer is not null && Grader.GradeAnswer(prompt.Answer, sample.Extraction.Answer!).IsEqual;
}
