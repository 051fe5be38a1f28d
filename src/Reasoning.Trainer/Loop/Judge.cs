using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Rewards.Shaping;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Says what every answer of a group is worth: extract, vote, reward. All answers vote; the first <c>train-samples</c> of them learn,
/// but for truncated ones where the recipe masks those.
/// </summary>
/// <param name="recipe">What counts.</param>
/// <param name="policy">The model that learns; asked only for rewards that need its distributions or hidden states.</param>
/// <param name="notice">Told, in one line, when a reward changes its meaning in mid-run.</param>
/// <param name="learner">What learns, still at the start, for rewards that follow it.</param>
internal sealed class Judge(Recipe recipe, Policy policy, Action<string> notice, Learner? learner = null) : IDisposable
{
    private readonly RewardRule? _rule =
        recipe.Reward is RewardDeclaration reward ? reward.Create(new RewardContext(recipe, policy, notice, learner)) : null;

    private readonly bool _weighsVotes = VoteSettings.Weighs(recipe);

    /// <summary>Tensors of the reward that a resumed run must find as they were.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Tensors => _rule?.Tensors ?? [];

    /// <summary>Samples what the reward needs beside the answers.</summary>
    /// <exception cref="OperationCanceledException">Someone asked to stop; nothing has changed.</exception>
    public void SampleMore(IReadOnlyList<PromptGroup> groups, int step, CancellationToken cancel) => _rule?.SampleMore(groups, step, cancel);

    public void Score(IReadOnlyList<PromptGroup> groups, int step)
    {
        if (_weighsVotes) Voting.MeasureEntropies(policy.Model, groups, recipe, learner?.Ranks);
        foreach (PromptGroup group in groups)
        {
            Vote(group);
            ChooseLearners(group);
            group.Skipped = WhySkipped(group);
        }

        if (_rule is null) return;
        PromptGroup[] rewarded = [.. groups.Where(group => group.Skipped is null)];
        if ((recipe.Reward.NeedsEntropies || recipe.EntropyShaping) && !_weighsVotes)
            Voting.MeasureEntropies(policy.Model, rewarded, recipe, learner?.Ranks);
        if (_rule.Measured is { } measured) MeasureTokens(rewarded, measured);
        _rule.BeginStep(rewarded, step);
        foreach (PromptGroup group in rewarded)
        {
            double[] rewards = Rewards(_rule, group, step);
            for (int i = 0; i < rewards.Length; i++)
                group.Samples[i].Reward = rewards[i] + FormRewards.Of(group.Samples[i], recipe);
        }
    }

    /// <summary>Measures rewards, where there are any, once they have become advantages.</summary>
    public void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        if (_rule is null) return;
        MeasureGroups.Rewards(meter, groups);
        _rule.Measure(meter, groups);
    }

    /// <summary>All updates of a step are done.</summary>
    public void EndStep(int step) => _rule?.EndStep(step);

    public void Dispose() => _rule?.Dispose();

    private void Vote(PromptGroup group)
    {
        group.Vote = Voting.Of(group.Samples, recipe);
        bool[] agrees = group.Vote.Agrees;
        for (int i = 0; i < agrees.Length; i++) group.Samples[i].Agrees = agrees[i];
    }

    private void ChooseLearners(PromptGroup group)
    {
        foreach (Sample sample in group.Samples.Take(recipe.LearningSamples))
            sample.Learns = !(sample.IsTruncated && recipe.Truncated == TruncatedKind.Mask);
    }

    private string? WhySkipped(PromptGroup group)
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

    private double[] Rewards(RewardRule rule, PromptGroup group, int step)
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
    private bool[] Agreement(PromptGroup group, int step) => recipe.Control switch
    {
        ControlKind.Random => ControlRewards.RandomVote(group.Vote!, recipe.Seed, step, group.Prompt.Id),
        ControlKind.Shuffled => ControlRewards.ShuffledVote(group.Vote!, recipe.Seed, step, group.Prompt.Id),
        _ => group.Vote!.Agrees,
    };

    /// <summary>Cuts the link between answers and rewards, advantages that the reward decided included, where the recipe asks for it.</summary>
    private double[] Control(double[] rewards, PromptGroup group, int step)
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

    private void MeasureTokens(PromptGroup[] groups, Func<LogitRows, Tensor> value) => SampleScores.Each(
        policy.Model, [.. groups.SelectMany(group => group.Samples)], recipe.Temperature, recipe.MicroBatchTokens,
        (rows, _) => value(rows), (sample, values) => sample.TokenValues = values, learner?.Ranks);
}
