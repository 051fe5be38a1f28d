using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Rewards;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Says what every answer of a group is worth: extract, vote, reward. All answers vote; the first <c>train-samples</c> of them learn,
/// but for truncated ones where the recipe masks those.
/// </summary>
/// <param name="recipe">What counts.</param>
/// <param name="policy">The model that learns; asked only for rewards that need its distributions or hidden states.</param>
/// <param name="notice">Told, in one line, when a reward changes its meaning in mid-run.</param>
internal sealed class Judge(Recipe recipe, Policy policy, Action<string> notice) : IDisposable
{
    private readonly RewardRule? _rule =
        recipe.Reward == RewardKind.None ? null : recipe.Reward.Create(new RewardContext(recipe, policy, notice));

    private readonly bool _weighsVotes = VoteSettings.Weighs(recipe);
    private readonly VoteOptions _vote = new() { MinimumValidShare = recipe.MinimumValidShare };

    public void Score(IReadOnlyList<Group> groups, int step)
    {
        if (_weighsVotes) MeasureEntropies(groups);
        foreach (Group group in groups)
        {
            Vote(group);
            ChooseLearners(group);
            group.Skipped = WhySkipped(group);
        }

        if (_rule is null) return;
        Group[] rewarded = [.. groups.Where(group => group.Skipped is null)];
        if ((recipe.Reward.NeedsEntropies || recipe.EntropyShaping) && !_weighsVotes) MeasureEntropies(rewarded);
        if (_rule.Measured is { } measured) MeasureTokens(rewarded, measured, (sample, values) => sample.TokenValues = values);
        _rule.BeginStep(rewarded, step);
        foreach (Group group in rewarded)
        {
            double[] rewards = Rewards(_rule, group, step);
            for (int i = 0; i < rewards.Length; i++)
                group.Samples[i].Reward = rewards[i] + FormRewards.Of(group.Samples[i], recipe);
        }
    }

    /// <summary>Measures rewards, where there are any, once they have become advantages.</summary>
    public void Measure(Meter meter, IReadOnlyList<Group> groups)
    {
        if (_rule is null) return;
        MeasureGroups.Rewards(meter, groups);
        _rule.Measure(meter, groups);
    }

    public void Dispose() => _rule?.Dispose();

    private void Vote(Group group)
    {
        group.Vote = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))], _vote);
        if (_weighsVotes)
        {
            float[][] entropies = [.. group.Samples.Select(sample => sample.Entropies)];
            group.Vote = group.Vote.Weighted(ConfidenceWeights.Of(group.Vote, entropies, recipe.Of<VoteSettings>().VoteKeep));
        }

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

        return recipe.UsesGold && group.Prompt.Answer is null ? "the prompt has no gold answer" : null;
    }

    private double[] Rewards(RewardRule rule, Group group, int step)
    {
        IReadOnlyList<Sample> samples = group.Samples;
        group.Agreement = recipe.Reward.UsesAgreement ? Agreement(group, step) : group.Vote!.Agrees;
        double[] rewards = rule.Score(group);
        if (!recipe.Reward.UsesAgreement) rewards = Control(rewards, group, step);
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

    /// <summary>Cuts the link between answers and rewards, advantages that the reward decided itself included, where the recipe asks for it.</summary>
    private double[] Control(double[] rewards, Group group, int step)
    {
        if (recipe.Control == ControlKind.None) return rewards;
        double?[] decided = [.. group.Samples.Select(sample => sample.FixedAdvantage)];
        double[] places = [.. Enumerable.Range(0, rewards.Length).Select(i => (double)i)];
        int[] from = [.. ControlRewards.Shuffled(places, recipe.Seed, step, group.Prompt.Id).Select(place => (int)place)];
        bool isRandom = recipe.Control == ControlKind.Random;
        for (int i = 0; i < from.Length; i++) group.Samples[i].FixedAdvantage = isRandom ? null : decided[from[i]];
        return isRandom
            ? ControlRewards.Random(rewards.Length, 0.5, recipe.Seed, step, group.Prompt.Id)
            : [.. from.Select(i => rewards[i])];
    }

    private void MeasureEntropies(IReadOnlyList<Group> groups) =>
        MeasureTokens(groups, rows => LogitRows.Entropy(rows.LogProbs()), (sample, values) => sample.Entropies = values);

    private void MeasureTokens(IReadOnlyList<Group> groups, Func<LogitRows, Tensor> value, Action<Sample, float[]> take) => SampleScores.Each(
        policy.Model, [.. groups.SelectMany(group => group.Samples)], recipe.Temperature, recipe.MicroBatchTokens,
        (rows, _) => value(rows), take);

    /// <summary>Compares with the gold answer: for the labelled baseline, and for logs of prompts that have one.</summary>
    internal static bool IsCorrect(Prompt prompt, Sample sample) =>
        sample.IsAnswered && prompt.Answer is not null && Grader.GradeExtracted(prompt.Answer, sample.Extraction.Answer).IsEqual;
}
