using Reasoning.Grading;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Shaping;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Says what every answer of a group is worth: extract, vote, reward. All answers vote; the first <c>train-samples</c> of them learn,
/// but for truncated ones where the recipe masks those.
/// </summary>
/// <param name="recipe">What counts.</param>
/// <param name="policy">The model that learns; asked only by rewards that need its distributions or hidden states.</param>
/// <param name="notice">Told, in one line, when a reward changes its meaning in mid-run.</param>
internal sealed class Judge(Recipe recipe, Policy policy, Action<string> notice) : IDisposable
{
    private readonly NoveltyJudge? _novelty = recipe.Reward == RewardKind.MajorityNovelty ? new NoveltyJudge(recipe, policy, notice) : null;
    private readonly VoteOptions _vote = new() { MinimumValidShare = recipe.MinimumValidShare, Soft = recipe.Reward == RewardKind.SoftMajority };

    /// <summary>Whether novelty still counts; null when the recipe has none.</summary>
    public bool? NoveltyIsOn => _novelty?.IsOn;

    /// <summary>[rows] what the reward measures of each token; null where it asks for nothing that the sampler has not recorded.</summary>
    private Func<LogitRows, Tensor>? Measured => recipe.Reward switch
    {
        RewardKind.NegativeEntropy or RewardKind.NegativeMeanEntropy => rows => LogitRows.Entropy(rows.LogProbs()),
        RewardKind.SelfCertainty => rows =>
            SelfCertainty.Of(rows, Math.Min(policy.Tokenizer.VocabSize, policy.Model.Config.VocabSize)),
        _ => null,
    };

    public void Score(IReadOnlyList<Group> groups, int step)
    {
        foreach (Group group in groups)
        {
            Vote(group);
            ChooseLearners(group);
            group.Skipped = WhySkipped(group);
        }

        if (recipe.Reward == RewardKind.None) return;
        Group[] rewarded = [.. groups.Where(group => group.Skipped is null)];
        if (Measured is not null) MeasureTokens(rewarded, Measured);
        foreach (Group group in rewarded)
        {
            double[] rewards = Rewards(group, step);
            for (int i = 0; i < rewards.Length; i++)
                group.Samples[i].Reward = rewards[i] + FormRewards.Of(group.Samples[i], recipe);
        }
    }

    public void Dispose() => _novelty?.Dispose();

    private void Vote(Group group)
    {
        group.Vote = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))], _vote);
        bool[] agrees = group.Vote.Agrees;
        for (int i = 0; i < agrees.Length; i++) group.Samples[i].Agrees = agrees[i];
    }

    private void ChooseLearners(Group group)
    {
        foreach (Sample sample in group.Samples.Take(recipe.LearningSamples))
            sample.Learns = !(sample.IsTruncated && recipe.Truncated == TruncatedKind.Mask);
    }

    private string? WhySkipped(Group group)
    {
        if (!group.Samples.Any(sample => sample.Learns)) return "every answer ran into the token limit";
        if (recipe.Votes && group.Vote!.Winner is null)
        {
            return group.Vote.Valid == 0
                ? "no answer can be read, so there is no vote"
                : $"fewer valid answers than minimum-valid-share {Cli.Show.Number(recipe.MinimumValidShare)} of all";
        }

        return recipe.Reward == RewardKind.Gold && group.Prompt.Answer is null ? "the prompt has no gold answer" : null;
    }

    private double[] Rewards(Group group, int step)
    {
        Sample[] samples = [.. group.Samples];
        double[] rewards = recipe.Reward switch
        {
            RewardKind.Majority => [.. Agreement(group, step).Select(agrees => agrees ? 1.0 : 0)],
            RewardKind.MajorityNovelty => _novelty!.Score(samples, Agreement(group, step)),
            RewardKind.SoftMajority => Control(group.Vote!.Rewards, group, step),
            RewardKind.Likelihood => Control([.. samples.Select(sample => EntropyRewards.Sequence(sample.Rollout.LogProbs))], group, step),
            RewardKind.NegativeEntropy => Control([.. samples.Select(sample => EntropyRewards.Token(sample.TokenValues))], group, step),
            RewardKind.NegativeMeanEntropy => Control(
                EntropyRewards.MeanToken([.. samples.Select(sample => (sample.TokenValues, sample.IsAnswered))]), group, step),
            RewardKind.SelfCertainty => Control([.. samples.Select(sample => (double)sample.TokenValues.Average())], group, step),
            RewardKind.Gold => Control([.. samples.Select(sample => IsCorrect(group.Prompt, sample) ? 1.0 : 0)], group, step),
            _ => throw new InvalidOperationException($"no reward called {recipe.Reward}"),
        };
        if (recipe.Truncated == TruncatedKind.Penalize)
        {
            double lowest = rewards.Min();
            for (int i = 0; i < rewards.Length; i++)
            {
                if (samples[i].IsTruncated) rewards[i] = lowest;
            }
        }

        return rewards;
    }

    /// <summary>Which answers the reward takes for agreeing with the vote: those that do, or what a control puts in their place.</summary>
    private bool[] Agreement(Group group, int step) => recipe.Control switch
    {
        ControlKind.Random => ControlRewards.RandomVote(group.Vote!, recipe.Seed, step, group.Prompt.Id),
        ControlKind.Shuffled => ControlRewards.ShuffledVote(group.Vote!, recipe.Seed, step, group.Prompt.Id),
        _ => group.Vote!.Agrees,
    };

    private double[] Control(double[] rewards, Group group, int step) => recipe.Control switch
    {
        ControlKind.Random => ControlRewards.Random(rewards.Length, 0.5, recipe.Seed, step, group.Prompt.Id),
        ControlKind.Shuffled => ControlRewards.Shuffled(rewards, recipe.Seed, step, group.Prompt.Id),
        _ => rewards,
    };

    private void MeasureTokens(Group[] groups, Func<LogitRows, Tensor> value) => SampleScores.Each(
        policy.Model, [.. groups.SelectMany(group => group.Samples)], recipe.Temperature, recipe.MicroBatchTokens,
        (rows, _) => value(rows), (sample, values) => sample.TokenValues = values);

    /// <summary>Compares with the gold answer: for the labelled baseline, and for logs of prompts that have one.</summary>
    internal static bool IsCorrect(Prompt prompt, Sample sample) =>
        sample.IsAnswered && prompt.Answer is not null && Grader.GradeExtracted(prompt.Answer, sample.Extraction.Answer).IsEqual;
}
