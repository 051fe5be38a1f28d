using System.Globalization;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Stops a run that collapses. Each rule compares a measurement with the run's own first step; entropy alone says little, so answers
/// without a box, votes and the predictor are watched as well.
/// </summary>
internal sealed class Guard(Recipe recipe, GuardState state)
{
    private static readonly Metric[] s_signals = [Metrics.UnansweredShare, Metrics.Entropy, Metrics.VoteShare];

    /// <summary>Looks at a step.</summary>
    /// <returns>Why the run should stop, in one line; null to go on.</returns>
    public string? Watch(Meter meter)
    {
        if (!recipe.Guard) return null;
        foreach (Metric signal in s_signals)
        {
            if (meter[signal] is { } value) state.Start.TryAdd(signal, value);
        }

        string? reason = null;
        foreach ((string rule, bool holds, string what) in Rules(meter))
        {
            int held = state.Held[rule] = holds ? state.Held.GetValueOrDefault(rule) + 1 : 0;
            if (held >= recipe.GuardPatience) reason ??= $"rule {rule}: {what}, {held} steps in a row";
        }

        return reason;
    }

    private IEnumerable<(string Rule, bool Holds, string What)> Rules(Meter meter)
    {
        if (Now(Metrics.UnansweredShare) is var (unanswered, first))
        {
            yield return ("unanswered", unanswered > first + recipe.GuardUnanswered,
                $"answers without a box went from {Share(first)} to {Share(unanswered)}, more than {Share(recipe.GuardUnanswered)} up");
        }

        if (Now(Metrics.Entropy) is var (entropy, start))
        {
            yield return ("entropy-low", entropy < start * recipe.GuardEntropyLow,
                $"entropy fell from {Number(start)} to {Number(entropy)} nats, below {Number(recipe.GuardEntropyLow)} times its start");
            yield return ("entropy-high", entropy > start * recipe.GuardEntropyHigh,
                $"entropy rose from {Number(start)} to {Number(entropy)} nats, above {Number(recipe.GuardEntropyHigh)} times its start");
        }

        if (meter[ZeroSiam.PredictorDeviation] is { } deviation)
        {
            yield return ("predictor", deviation > recipe.GuardPredictor,
                $"the predictor is {Number(deviation)} away from its start, beyond {Number(recipe.GuardPredictor)}");
        }

        if (Now(Metrics.VoteShare) is var (votes, most))
        {
            yield return ("vote-share", votes < most * recipe.GuardVoteShare,
                $"the vote share fell from {Share(most)} to {Share(votes)}, below {Number(recipe.GuardVoteShare)} times its start");
        }

        (double Value, double Start)? Now(Metric metric) =>
            meter[metric] is { } value && state.Start.TryGetValue(metric, out double began) ? (value, began) : null;
    }

    private static string Share(double value) => value.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
