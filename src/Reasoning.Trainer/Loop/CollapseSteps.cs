using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// The Model Collapse Step of a run (arXiv:2603.08660, which gives two definitions; both need gold answers) and an alarm that needs none.
/// Each is null where it has not happened by the last step.
/// </summary>
/// <param name="Steps">Steps of the run.</param>
/// <param name="Accuracy">The first step at which the mean of reward_accuracy over five steps is below 1 %.</param>
/// <param name="Turn">The step at which the mean of correct_share over five steps was highest, once it has fallen to 80 % of that.</param>
/// <param name="Alarm">
/// The first step at which the vote share is above 95 %, and one of: the share of prompts with the most common answer tripled, answers
/// halved, repetition doubled.
/// </param>
/// <param name="IsGraded">Whether prompts have gold answers; else the first two say nothing.</param>
internal sealed record CollapseSteps(int Steps, int? Accuracy, int? Turn, int? Alarm, bool IsGraded)
{
    private const int Window = 5;
    private const double NoAccuracy = 0.01, Fallen = 0.8;

    /// <summary>Reads the metrics of a run.</summary>
    public static CollapseSteps Of(RunFolder run) => Of(JsonLines.Numbers(run.MetricsFile));

    /// <param name="steps">The metrics of each step, by name.</param>
    public static CollapseSteps Of(IEnumerable<IReadOnlyDictionary<string, double>> steps)
    {
        var start = new Dictionary<string, double>();
        var rewards = new List<double>();
        var correct = new List<double>();
        int count = 0, best = 0;
        double most = 0;
        int? accuracy = null, turn = null, alarm = null;
        foreach (IReadOnlyDictionary<string, double> metrics in steps)
        {
            count++;
            double? Now(Metric metric) => metrics.TryGetValue(metric.Name, out double value) ? value : null;
            if (Guard.OneVoice(new GuardReading(Now, start, new Recipe())) >= 1) alarm ??= count;
            if (Now(Metrics.RewardAccuracy) is { } right) rewards.Add(right);
            if (Now(Metrics.CorrectShare) is { } share) correct.Add(share);
            if (Smooth(rewards) < NoAccuracy) accuracy ??= count;
            if (Smooth(correct) is not { } level) continue;
            if (turn is null && level > most) (most, best) = (level, count);
            if (level <= most * Fallen) turn ??= best;
        }

        return new CollapseSteps(count, accuracy, turn, alarm, correct.Count > 0);
    }

    /// <summary>In one line: what happened, or that nothing did.</summary>
    public override string ToString()
    {
        (string Name, int? Step)[] steps = [("reward accuracy", Accuracy), ("turn of accuracy", Turn), ("alarm without labels", Alarm)];
        string[] seen = [.. steps.Where(one => one.Step is not null).Select(one => $"{one.Name} {one.Step}")];
        return seen.Length > 0 ? string.Join(", ", seen) : $"none in {Steps} steps{(IsGraded ? "" : " by the alarm without labels; the others need answers")}";
    }

    private static double? Smooth(List<double> values) => values.Count < Window ? null : values.TakeLast(Window).Average();
}
