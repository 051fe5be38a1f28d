using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Watches for damage without labels. Every rule compares a measurement with the run's own start, and has to hold for some steps in a row.
/// How the limits were found, what they catch and what they cannot see: docs/guard.md.
/// </summary>
internal sealed class Guard(Recipe recipe, GuardState state)
{
    /// <summary>Answers repeat a little from the start; below this they are not counted as repeating more than then.</summary>
    private const double LeastRepetition = 0.02;

    private static readonly GuardRule[] s_common =
    [
        GuardRule.Above("distance", Metrics.ProbeDistance, recipe => recipe.GuardDistance, "the distance from the start model, in parts of its entropy,")
            with { Calm = 0.2 }, // it is measured with little noise, and accuracy was lost from there on
        new("agreement", reading => reading.Recipe.GuardAgreement == 0 ? null : GuardRule.Ratio(reading.Now(Metrics.ProbeAgreement), reading.Recipe.GuardAgreement),
            reading => $"answers equal the start model's {GuardRule.Text(reading.Now(Metrics.ProbeAgreement))} times as often as its own do, at or below "
                + GuardRule.Text(reading.Recipe.GuardAgreement)) { IsSure = true },
        GuardRule.Times("entropy-low", Metrics.Entropy, recipe => recipe.GuardEntropyLow, "entropy"),
        GuardRule.Times("entropy-high", Metrics.Entropy, recipe => recipe.GuardEntropyHigh, "entropy"),
        GuardRule.Risen("unanswered", Metrics.UnansweredShare, recipe => recipe.GuardUnanswered, "the share of answers without a box"),
        GuardRule.EitherWay("length", Metrics.AnswerTokens, recipe => recipe.GuardLength, "the mean length of answers"),
        GuardRule.EitherWay("logit-norm", Metrics.ProbeLogitNorm, recipe => recipe.GuardLogitNorm, "the norm of the logits, in parts of its start,"),
        GuardRule.Risen("repetition", Metrics.Repetition, recipe => recipe.GuardRepetition, "the share of four-grams that repeat"),
        GuardRule.Times("vote-share", Metrics.VoteShare, recipe => recipe.GuardVoteShare, "the vote share"),
        new("one-voice", OneVoice, reading => $"the vote share is {GuardRule.Text(reading.Now(Metrics.VoteShare))}, and prompts get the same answer, "
            + "answers became short, or they repeat themselves"),
    ];

    private readonly GuardRule[] _rules = [.. s_common, .. (recipe.Objective as MethodDeclaration)?.Rules ?? []];

    /// <summary>Looks at a step.</summary>
    /// <param name="measured">Its measurements; null for what it has not measured.</param>
    /// <returns>The alarm, in one line; null where there is none.</returns>
    public string? Watch(Func<Metric, double?> measured)
    {
        if (!recipe.Guard) return null;
        var reading = new GuardReading(measured, state.Start, recipe);
        string? alarm = null;
        foreach (GuardRule rule in _rules)
        {
            if (rule.Reached(reading) is not { } reached) continue;
            int held = state.Held[rule.Name] = reached >= 1 ? state.Held.GetValueOrDefault(rule.Name) + 1 : 0;
            _ = reached < rule.Calm ? state.Near.Remove(rule.Name) : state.Near.Add(rule.Name);
            if (held >= (rule.IsSure ? 1 : recipe.GuardPatience)) alarm ??= $"rule {rule.Name}: {rule.Words(reading)}{(rule.IsSure ? "" : $", {held} steps in a row")}";
        }

        state.IsCalm = state.Near.Count == 0;
        return alarm;
    }

    /// <summary>How far each rule has come in the steps of a log, for people who want to know how near an alarm was.</summary>
    /// <param name="recipe">Has the limits; where it has switched the guard off there are no readings.</param>
    /// <param name="steps">The metrics of each step, by name.</param>
    public static IReadOnlyList<RuleReading> Replay(Recipe recipe, IReadOnlyList<IReadOnlyDictionary<string, double>> steps)
    {
        if (!recipe.Guard) return [];
        GuardRule[] rules = new Guard(recipe, new GuardState())._rules;
        var start = new Dictionary<string, double>();
        var readings = new Dictionary<string, RuleReading>();
        for (int i = 0; i < steps.Count; i++)
        {
            var now = new GuardReading(metric => steps[i].TryGetValue(metric.Name, out double value) ? value : null, start, recipe);
            foreach (GuardRule rule in rules)
            {
                if (rule.Reached(now) is not { } reached) continue;
                RuleReading? before = readings.GetValueOrDefault(rule.Name);
                bool isFurther = before is null || reached > before.Furthest;
                readings[rule.Name] = new RuleReading(
                    rule.Name, isFurther ? reached : before!.Furthest, isFurther ? (int)steps[i]["step"] : before!.Step, reached);
            }
        }

        return [.. readings.Values];
    }

    /// <summary>
    /// The alarm of methods.md 13.10: nearly everything agrees, and prompts share an answer, or answers became short, or they repeat themselves.
    /// </summary>
    internal static double? OneVoice(GuardReading reading)
    {
        if (reading.Now(Metrics.VoteShare) is not { } share || reading.First(Metrics.VoteShare) is not { } began) return null;
        double agreed = (share - began) / (reading.Recipe.GuardOneVoice - began);
        double common = Of(Metrics.CommonAnswerShare) / 3, repeats = Of(Metrics.Repetition, LeastRepetition) / 2, brief = 0.5 / Of(Metrics.AnswerTokens);
        return Math.Min(agreed, Math.Max(common, Math.Max(repeats, brief)));

        double Of(Metric metric, double least = 0) => reading.Now(metric) / Math.Max(reading.First(metric) ?? 0, least) ?? 0;
    }
}

/// <summary>How far a rule has come on the way to its limit; 1 is where it holds.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Furthest">The most.</param>
/// <param name="Step">The step of that.</param>
/// <param name="Last">In the last step.</param>
internal sealed record RuleReading(string Rule, double Furthest, int Step, double Last);
