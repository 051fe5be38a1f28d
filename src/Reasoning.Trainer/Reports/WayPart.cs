using System.Globalization;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Reports;

/// <summary>Question 3: what happened on the way?</summary>
internal sealed class WayPart(IReadOnlyList<Arm> arms)
{
    // What a person looks at first; everything else that was measured is folded away below.
    private static readonly string[] s_first =
    [
        Metrics.VoteShare, Metrics.CorrectShare, Metrics.LabelAccuracy, Metrics.RewardAccuracy, Metrics.OnlineAccuracy, Metrics.Entropy, Metrics.ProbeDistance, Metrics.ProbeAgreement, "kl",
        Metrics.DistinctAnswers, Metrics.AnswerTokens, Metrics.TruncatedShare, Metrics.ProbeLogitNorm, Metrics.Reward, Metrics.GradNorm, Metrics.TokensPerSecond,
    ];

    private readonly Metric[] _measured = [.. Catalogue.Current.Metrics.Where(metric => arms.Any(arm => arm.Runs.Any(run => run.Steps.Exists(step => step.ContainsKey(metric.Name)))))];

    /// <summary>Every number of every step.</summary>
    public Table Steps => field ??= MakeSteps();

    /// <summary>Every alarm of every guard.</summary>
    public Table Alarms => field ??= MakeAlarms();

    public Html Draw()
    {
        if (_measured.Length == 0) return $"<p>No step is done yet.</p>";
        Metric[] first = [.. s_first.Select(name => Array.Find(_measured, metric => metric.Name == name)).OfType<Metric>()], rest = [.. _measured.Except(first)];
        bool isThinned = arms.Any(arm => arm.Runs.Any(run => run.Steps.Count > Thinning.Most));
        string collapse = string.Join("; ", arms.SelectMany(arm => arm.Runs.Select(run =>
            (arms.Count > 1 || arm.Runs.Count > 1 ? $"{arm.Name}, seed {run.Recipe.Seed}: " : "") + Loop.CollapseSteps.Of(run.Folder))));
        return $"""
            <p class="note">Every run is a line of its own, as it was measured{(arms.Any(arm => arm.Runs.Count > 1) ? "; the band is the 95 % interval of the mean over seeds" : "")}. Dashed: compared
            with gold answers, which training never sees{(arms.Any(arm => arm.Runs[0].Recipe.UsesGold) ? " (but for the labelled baseline)" : "")}. ▲ on the axis: a checkpoint that is kept. Vertical line: an alarm of the guard.
            {(isThinned ? Thinning.Rule : "")}</p>
            <p class="note">Model collapse step: {collapse}.</p>
            {(Alarms.Rows.Count > 0 ? Alarms.OnPage("Alarms of the guard") : $"<p class=\"note\">The guard raised no alarm.</p>")}
            <div class="metrics{(arms.Count > 1 ? " several" : "")}">{first.Select(Curve)}</div>
            <details class="more"><summary>Everything else that was measured ({rest.Length.ToString(CultureInfo.InvariantCulture)})</summary><div class="metrics{(arms.Count > 1 ? " several" : "")}">{rest.Select(Curve)}</div></details>
            """;
    }

    private Html Curve(Metric metric) => new Curves(metric, arms).Draw();

    private Table MakeSteps()
    {
        var table = new Table("steps", [new("recipe", null), new("seed", null), new("step", null), .. _measured.Select(metric => new Column(metric.Name, null))]);
        foreach ((Arm arm, RunData run) in arms.SelectMany(arm => arm.Runs.Select(run => (arm, run))))
        {
            foreach (IReadOnlyDictionary<string, double> step in run.Steps)
                table.Add([arm.Name, $"{run.Recipe.Seed}", step["step"], .. _measured.Select(metric => step.TryGetValue(metric.Name, out double value) ? (object)value : null)]);
        }

        return table;
    }

    private Table MakeAlarms()
    {
        var table = new Table(
            "alarms", new("recipe", arms.Count > 1 ? "recipe" : null), new("seed", arms.Any(arm => arm.Runs.Count > 1) ? "seed" : null), new("step", "step", Form.Number),
            new("alarm", "alarm"), new("action", "what was done"));
        foreach ((Arm arm, RunData run) in arms.SelectMany(arm => arm.Runs.Select(run => (arm, run))))
        {
            foreach (GuardEvent alarm in run.Alarms) table.Add(arm.Name, $"{run.Recipe.Seed}", alarm.Step, alarm.Alarm, alarm.What);
        }

        return table;
    }
}
