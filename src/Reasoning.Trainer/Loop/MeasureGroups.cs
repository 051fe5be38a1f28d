using Reasoning.Rewards.Shaping;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;

namespace Reasoning.Trainer.Loop;

/// <summary>What the answers of a step look like, before they train anything.</summary>
internal static class MeasureGroups
{
    /// <param name="meter">Takes the measurements.</param>
    /// <param name="groups">Of the step.</param>
    /// <param name="online">Goes on counting.</param>
    public static void Into(Meter meter, IReadOnlyList<PromptGroup> groups, OnlineCount online)
    {
        Sample[] samples = [.. groups.SelectMany(group => group.Samples)];
        meter.Mean(Metrics.VoteShare, groups, group => group.Vote!.Share);
        meter.Mean(Metrics.TieShare, groups, group => group.Vote!.Tie ? 1 : 0);
        meter.Mean(Metrics.DistinctAnswers, groups, group => group.Vote!.Answers.Length);
        meter.Mean(Metrics.CommonAnswerShare, MostFrequent(groups.Select(group => group.Vote!.Winner).OfType<string>()), groups.Count);
        meter.Sum(Metrics.SkippedGroups, groups.Count(group => group.Skipped is not null));
        meter.Mean(Metrics.TruncatedShare, samples, sample => sample.IsTruncated ? 1 : 0);
        meter.Mean(Metrics.UnansweredShare, samples, sample => sample.IsAnswered ? 0 : 1);
        meter.Mean(Metrics.UnreadShare, groups.Sum(group => group.Vote!.Unread), samples.Length);
        meter.Mean(Metrics.OverBudgetShare, groups.Sum(group => group.Vote!.OverBudget), samples.Length);
        meter.Mean(Metrics.AnswerTokens, samples, sample => sample.Rollout.Ids.Length);
        meter.Mean(Metrics.Repetition, samples, sample => RewardShaping.Repetition(sample.Rollout.Ids));
        int[] tokens = [.. samples.SelectMany(sample => sample.Rollout.Ids)];
        meter.Mean(Metrics.FrequentTokenShare, MostFrequent(tokens), tokens.Length);
        CompareWithGold(meter, groups, online);
    }

    /// <summary>Rewards, where the objective uses them.</summary>
    public static void Rewards(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        meter.Sum(Metrics.FlatGroups, groups.Count(group => group.IsFlat));
        meter.Mean(Metrics.Reward, [.. groups.SelectMany(group => group.Learning)], sample => sample.Reward);
        PromptGroup[] learning = [.. groups.Where(group => group.Skipped is null)];
        meter.Mean(Metrics.RewardDeviation, learning, group => Deviation([.. group.Learning.Select(sample => sample.Reward)]));
    }

    private static void CompareWithGold(Meter meter, IReadOnlyList<PromptGroup> groups, OnlineCount online)
    {
        PromptGroup[] known = [.. groups.Where(group => group.Prompt.Answer is not null)];
        meter.Mean(Metrics.LabelAccuracy, known, group => IsLabelCorrect(group) ? 1 : 0);
        foreach (PromptGroup group in known)
        {
            bool[] correct = [.. group.Samples.Select(sample => sample.IsCorrect(group.Prompt))];
            int right = correct.Count(one => one);
            online.Answers += correct.Length;
            online.Correct += right;
            meter.Mean(Metrics.CorrectShare, right, correct.Length);
            meter.Mean(Metrics.RewardAccuracy, correct.Where((one, i) => one == group.Samples[i].Agrees).Count(), correct.Length);
        }

        if (online.Answers > 0) meter.Set(Metrics.OnlineAccuracy, (double)online.Correct / online.Answers);
    }

    private static bool IsLabelCorrect(PromptGroup group) =>
        group.Vote!.Winner is { } winner && Sample.AreSame(group.Prompt.Answer!, winner);

    private static int MostFrequent<T>(IEnumerable<T> items) where T : notnull =>
        items.CountBy(item => item).Select(pair => pair.Value).DefaultIfEmpty().Max();

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
