using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>Question 1: did it help?</summary>
/// <param name="arms">What is compared.</param>
/// <param name="against">Name of the arm that the others are compared with beside the base; null for none.</param>
internal sealed class OutcomePart(IReadOnlyList<Arm> arms, string? against)
{
    /// <summary>What a set of prompts is to a run, for sentences.</summary>
    public static string Where(string set, int problems) => set switch
    {
        RunFolder.TargetSet => $"On the {problems} problems it adapted to",
        "held-out" => $"On {problems} unseen problems of the same kind",
        _ => $"On {problems} problems of the kind that the start model was made for",
    };

    /// <summary>Every metric of every run.</summary>
    public Table Outcome { get; } = MakeOutcome(arms);

    /// <summary>The same over seeds.</summary>
    public Table Seeds { get; } = MakeSeeds(arms, against);

    public Html Draw() => arms.Count == 1 && arms[0].Runs.Count == 1 ? OfRun(arms[0].Runs[0]) : OfArms();

    private Html OfRun(RunData run)
    {
        if (run.Comparisons.Count == 0) return $"<p class=\"answer\">{NotYet(run)}</p>";
        (Html Chart, Dumbbell.Point[] Legend)[] charts = [.. run.Comparisons.Select(Chart)];
        return $"""
            <ul class="answer">{run.Comparisons.Select(one => (Html)$"<li><p>{Where(one.Set, one.Before.Problems.Count)}: <strong>{Verdict.Of(one.Comparison).Text}</strong></p>{Figures(one.Comparison)}</li>")}</ul>
            {Dumbbell.Legend(charts.MaxBy(chart => chart.Legend.Length).Legend)}<div class="panels sets">{charts.Select(chart => chart.Chart)}</div>
            <p class="note">Intervals are of 95 % over problems, those of differences paired. p is that of sign flips over problems; “p, all” is corrected by Holm for
            every row on this page, and decides what counts as a change. Maj and pass ask for several answers, so that a sharper distribution alone cannot raise them.</p>
            <div class="tables">{run.Comparisons.Select(one => (Html)$"<div><h3>{one.Comparison.Name}</h3>{Outcome.OnPage(Caption(one.Comparison), Outcome.Rows.Where(row => (string)row[2]! == one.Comparison.Name))}</div>")}</div>
            """;
    }

    private static (Html Chart, Dumbbell.Point[] Legend) Chart(RecordedComparison one)
    {
        EvalComparison comparison = one.Comparison;
        var chart = new Dumbbell($"{comparison.Name}: base and adapted", $"{Where(one.Set, comparison.Before.Problems)}: {Verdict.Of(comparison).Text}");
        Dumbbell.Point[] legend = [];
        foreach (MetricChange change in comparison.Changes.Append(comparison.VoteShare))
        {
            Dumbbell.Point[] points =
            [
                new("base", "base", Interval.Of(change.Before.Estimate)),
                .. one.Others.Select(other => (other.Name, Metric: Find(other.Summary, change.Name))).Where(other => other.Metric is not null)
                    .Select(other => new Dumbbell.Point(other.Name, "other", Interval.Of(other.Metric!.Estimate))),
                new("adapted", "adapted", Interval.Of(change.After.Estimate)),
            ];
            chart.Add(change.Name, points);
            if (points.Length > legend.Length) legend = points;
        }

        return ($"<figure><figcaption><b>{comparison.Name}</b>, {comparison.Before.Problems} problems</figcaption>{chart.Draw()}</figure>", legend);
    }

    private static string Caption(EvalComparison comparison)
    {
        EvalSummary before = comparison.Before, after = comparison.After;
        string gold = before.WithGold < before.Problems ? $", {before.WithGold} with gold answer" : "", hash = before.Settings.PromptsHash;
        return $"{before.Problems} problems{gold}, {before.Settings.Describe()}, prompts {hash[..Math.Min(8, hash.Length)]}; truncated {Table.Show(before.TruncationRate, Form.Percent)} → "
            + $"{Table.Show(after.TruncationRate, Form.Percent)} %, unread {Table.Show(before.UnparsedRate, Form.Percent)} → {Table.Show(after.UnparsedRate, Form.Percent)} %. "
            + string.Concat(before.Measures.Zip(after.Measures, (one, two) => $"{one.To(two)}; "))
            + (after.Overlap is { } overlap ? $"{overlap.Equal} of these are target prompts, {overlap.Shared} share {PromptOverlap.Words} words in a row with one. " : "")
            + "Percent; differences in points.";
    }

    private Html OfArms()
    {
        if (Seeds.Rows.Count == 0) return $"<p class=\"answer\">{string.Join(' ', arms.SelectMany(arm => arm.Runs).Select(NotYet).Distinct())}</p>";
        string[] sets = [.. Seeds.Rows.Select(row => (string)row[1]!).Distinct()];
        return $"""
            <ul class="answer">{arms.Select(arm => (Html)$"<li><p><strong>{arm.Name}</strong>{InWords(arm)}</li>")}</ul>
            {Trade()}{sets.Select(OfArms)}
            <p class="note">The seed is the unit: intervals are Student's t over seeds, with seeds − 1 degrees of freedom; one seed has none, and shows that over its problems.
            p tests the mean difference over seeds; “p, all” is corrected by Holm for all rows of all sets.
            “Up” and “down” count runs that change by themselves, after Holm's correction over all that the run prints. Recipes are sorted by pass@1 on problems not adapted
            to, controls last: no gain of a control is a gain of a method.</p>
            """;
    }

    private static bool IsOverBase(object?[] row) => (string)row[^1]! == SeedRow.Base;

    private Html InWords(Arm arm)
    {
        object?[][] sets = [.. Seeds.Rows.Where(row => (string)row[0]! == arm.Name && (string)row[2]! == "pass@1" && IsOverBase(row))];
        return $"""
            {(arm.IsControl ? " (control)" : "")}{(sets.Length > 0 ? $", pass@1 over {Count((int)sets[0][3]!, "seed")}:" : "")}</p>
            {sets.Select(row => (Html)$"<p>{row[1] as string} {Table.Show(row[6], Form.Points)} points{((int)row[12]! + (int)row[13]! > 0 ? $", up in {row[12]}, down in {row[13]}" : "")}</p>")}
            {arm.Runs.Where(run => run.Comparisons.Count == 0).Select(run => (Html)$"<p>Seed {run.Recipe.Seed.ToString(CultureInfo.InvariantCulture)}: {NotYet(run)}</p>")}
            """;
    }

    private Html OfArms(string set)
    {
        object?[][] all = [.. Seeds.Rows.Where(row => (string)row[1]! == set)], rows = [.. all.Where(IsOverBase)];
        string[] metrics = [.. rows.Select(row => (string)row[2]!).Distinct()];
        Dumbbell.Point[] legend = [new("base", "base", new(0, 0, 0)), new("adapted", "adapted", new(0, 0, 0))];
        RunData first = arms.SelectMany(arm => arm.Runs).First(run => run.Comparisons.Any(one => one.Comparison.Name == set));
        EvalComparison comparison = first.Comparisons.First(one => one.Comparison.Name == set).Comparison;
        return $"""
            <section class="set"><h3>{set}</h3>{Dumbbell.Legend(legend)}<div class="panels">{metrics.Select(Metric)}</div><details open><summary>The numbers</summary>{Seeds.OnPage(
                $"{comparison.Before.Problems} problems, {comparison.Before.Settings.Describe()} (of the first run). Percent; differences in points.", rows)}</details>{all.Where(row => !IsOverBase(row)).GroupBy(row => (string)row[^1]!).Select(others => (Html)$"""<details><summary>{(others.Key == SeedRow.Matched ? "Against the base at the temperature that makes it as certain" : $"Against {others.Key}")}</summary>{Seeds.OnPage(
                others.Key == SeedRow.Matched ? "What a lower temperature does as well is no gain of a method." : $"Seed by seed; “base” is {others.Key} here.", others)}</details>""")}</section>
            """;

        Html Metric(string metric)
        {
            var chart = new Dumbbell($"{metric} on {set} problems", "Base and adapted by recipe, with intervals.");
            foreach (object?[] row in rows.Where(row => (string)row[2]! == metric))
            {
                Arm arm = arms.First(arm => arm.Name == (string)row[0]!);
                MetricChange? alone = arm.Runs.Count == 1 ? arm.Runs[0].Comparisons.First(one => one.Comparison.Name == set).Comparison is var one
                    ? one.Changes.Append(one.VoteShare).First(change => change.Name == metric) : null : null;
                chart.Add(
                    arm.Name + (arm.IsControl ? " (control)" : ""),
                    new Dumbbell.Point("base", "base", alone is null ? (Interval)row[4]! : Interval.Of(alone.Before.Estimate)),
                    new Dumbbell.Point("adapted", "adapted", alone is null ? (Interval)row[5]! : Interval.Of(alone.After.Estimate)));
            }

            return $"<figure><figcaption>{metric}</figcaption>{chart.Draw()}</figure>";
        }
    }

    // pass@1 against pass@k, on the problems that were not adapted to where there are any.
    private Html? Trade()
    {
        string? set = ((string[])["held-out", RunFolder.TargetSet]).FirstOrDefault(name => arms.SelectMany(arm => arm.Runs).Any(run => Arm.Change(run, name, "pass@1") is not null));
        if (set is null) return null;
        string? many = arms.SelectMany(arm => arm.Runs).SelectMany(run => run.Comparisons.Where(one => one.Set == set)).SelectMany(one => one.Comparison.Changes)
            .Select(change => change.Name).LastOrDefault(name => name.StartsWith("pass@", StringComparison.Ordinal) && name != "pass@1");
        if (many is null) return null;
        var points = new List<(int, string, bool, Interval, Interval)>();
        for (int i = 0; i < arms.Count; i++)
        {
            foreach (RunData run in arms[i].Runs)
            {
                if (Arm.Change(run, set, "pass@1") is { } one && Arm.Change(run, set, many) is { } several)
                    points.Add((i, $"{arms[i].Name}, seed {run.Recipe.Seed}", arms[i].IsControl, Interval.Of(one.Difference), Interval.Of(several.Difference)));
            }
        }

        return points.Count == 0 ? null : (Html)$"""
            <section class="set"><h3>What pass@1 costs in {many}</h3><p class="note">Differences to the base on {set} problems, a point a seed, bars 95 % over problems. Right and up is better.</p>
            {Scatter.Draw($"pass@1 against {many} on {set} problems", "pass@1", many, points)}</section>
            """;
    }

    /// <summary>A number of things.</summary>
    public static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";

    private static string NotYet(RunData run) => run.IsStopped
        ? $"The guard stopped the run after step {run.LastStep}, and nothing was evaluated afterwards: {run.Alarms[^1].Alarm}."
        : run.LastStep >= run.Recipe.Steps && run.Recipe.EvalSamples == 0
            ? "Nothing was measured: the run did not evaluate (eval-samples is 0)."
            : $"Not known yet: {run.LastStep} of {run.Recipe.Steps} steps are done, and the adapted model is evaluated after the last.";

    private static Html? Figures(EvalComparison comparison) => comparison.Changes.FirstOrDefault(change => change.Name == "pass@1") is not { } one ? null :
        (Html)$"<p class=\"note\">pass@1: {Table.Show(one.Before.Estimate.Value, Form.Percent)} → {Table.Show(one.After.Estimate.Value, Form.Percent)} %, {Table.Show(Interval.Of(one.Difference), Form.Points)} points.</p>";

    private static Metric? Find(EvalSummary summary, string name) => summary.Accuracies.Append(summary.VoteShare).FirstOrDefault(metric => metric.Name == name);

    private static Table MakeOutcome(IReadOnlyList<Arm> arms)
    {
        (string Name, EvalSummary?)[] others = [.. arms.SelectMany(arm => arm.Runs).SelectMany(run => run.Comparisons).SelectMany(one => one.Others)
            .Select(other => other.Name).Distinct().Select(name => (name, (EvalSummary?)null))];
        var table = new Table(
            "outcome", [new("recipe", null), new("seed", null), new("set", null), new("metric", "metric"), new("problems", null), new("n", null), new("temperature", null),
            new("top_p", null), new("max_new_tokens", null), new("base", "base", Form.Percent), .. others.Select(other => new Column(other.Name, other.Name, Form.Percent)),
            new("adapted", "adapted", Form.Percent), new("difference", "difference", Form.Points), new("p", "p", Form.PValue), new("p_holm", "p, all", Form.PValue),
            new("better", null), new("worse", null), new("truncated_base", null), new("truncated_adapted", null)]);
        foreach ((Arm arm, RunData run, RecordedComparison one) in arms.SelectMany(arm => arm.Runs.SelectMany(run => run.Comparisons.Select(one => (arm, run, one)))))
        {
            EvalSettings settings = one.Before.Settings;
            EvalComparison comparison = one.Comparison;
            foreach (MetricChange change in comparison.Changes.Append(comparison.VoteShare))
            {
                table.Add([
                    arm.Name, $"{run.Recipe.Seed}", comparison.Name, change.Name, change.Difference.Problems, settings.Samples, settings.Temperature, settings.TopP,
                    settings.MaxNewTokens, Interval.Of(change.Before.Estimate),
                    .. others.Select(other => one.Others.FirstOrDefault(own => own.Name == other.Name).Summary is { } summary && Find(summary, change.Name) is { } metric
                        ? Interval.Of(metric.Estimate) : null),
                    Interval.Of(change.After.Estimate), Interval.Of(change.Difference), change.Difference.PValue, change.CorrectedP, change.Difference.Better,
                    change.Difference.Worse, comparison.Before.TruncationRate, comparison.After.TruncationRate]);
            }
        }

        return table;
    }

    private static Table MakeSeeds(IReadOnlyList<Arm> arms, string? against)
    {
        var table = new Table(
            "seeds", new("recipe", "recipe"), new("set", null), new("metric", "metric"), new("seeds", "seeds", Form.Number), new("base", "base", Form.Percent),
            new("adapted", "adapted", Form.Percent), new("difference", "difference", Form.Points), new("p", "p", Form.PValue), new("p_holm", "p, all", Form.PValue),
            new("deviation", "deviation", Form.Percent), new("min", "least", Form.Points),
            new("max", "most", Form.Points), new("up", "up", Form.Number), new("down", "down", Form.Number),
            new("against", null));
        SeriesRun[] runs = [.. arms.SelectMany(arm => arm.Runs.Select(run => new SeriesRun(arm.Name, run.Recipe.Seed, [.. run.Comparisons.Select(one => one.Comparison)])))];
        foreach (SeedRow row in SeedRow.Of(runs, against))
        {
            table.Add(
                row.Recipe, row.Prompts, row.Metric, row.Difference.Seeds, Interval.Of(row.Before), Interval.Of(row.After), Interval.Of(row.Difference), row.Difference.PValue,
                row.CorrectedP, row.Difference.Deviation,
                row.Difference.Min, row.Difference.Max, row.Up, row.Down, row.Against);
        }

        return table;
    }
}
