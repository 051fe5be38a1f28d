using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Measures;
using Metric = Reasoning.Trainer.Measures.Metric;

namespace Reasoning.Trainer.Reports;

/// <summary>Question 2: what did it cost?</summary>
internal sealed class CostPart
{
    private readonly IReadOnlyList<Arm> _arms;

    public CostPart(IReadOnlyList<Arm> arms)
    {
        _arms = arms;
        Costs = new Table(
            "cost", new("recipe", null), new("seed", null), new("quantity", "quantity"), new("unit", "unit"), new("base", "base", Form.Number),
            new("adapted", "adapted", Form.Number), new("difference", "difference", Form.Number));
        foreach ((Arm arm, RunData run) in arms.SelectMany(arm => arm.Runs.Select(run => (arm, run))))
        {
            foreach (Cost cost in Of(run)) Costs.Add(arm.Name, $"{run.Recipe.Seed}", cost.Quantity, cost.Unit, cost.Before, cost.After, cost.Difference);
        }
    }

    /// <summary>Every quantity of every run.</summary>
    public Table Costs { get; }

    public Html Draw()
    {
        const string Note = "Shares in percent, their differences in points. Time and tokens are those of the steps; the evaluations are not in them.";
        if (_arms is [{ Runs.Count: 1 }]) return $"{Costs.OnPage("What is lost, with 95 % intervals over problems, and what the steps took.")}<p class=\"note\">{Note}</p>";
        var columns = new Table("", [new Column("", "quantity"), new Column("", "unit"), .. _arms.Select(arm => new Column("", arm.Name, Form.Number))]);
        foreach (IGrouping<(object?, object?), object?[]> same in Costs.Rows.GroupBy(row => (row[2], row[3])))
            columns.Add([same.Key.Item1, same.Key.Item2, .. _arms.Select(arm => OverSeeds(same.Where(row => (string)row[0]! == arm.Name)))]);
        return $"{columns.OnPage("Differences to the base where there is one; mean over seeds with its 95 % interval.")}<p class=\"note\">{Note}</p>";
    }

    private static Interval? OverSeeds(IEnumerable<object?[]> rows)
    {
        double[] values = [.. rows.Select(row => row[6] is Interval difference ? difference.Value : row[5] as double?).OfType<double>()];
        return values.Length == 0 ? null : Interval.Of(SeedSpread.Of(values));
    }

    private static IEnumerable<Cost> Of(RunData run)
    {
        foreach (RecordedComparison one in run.Comparisons)
        {
            string on = $", {one.Comparison.Name} problems";
            foreach (MetricChange change in one.Comparison.Changes.Where(change => (one.Set == "source" && change.Name == "pass@1") || (change.IsOfSeveral && change.Name.StartsWith("pass", StringComparison.Ordinal))))
                yield return Share(change.Name + on + (one.Set == "source" ? " (forgetting)" : ""), Percent(change.Before.Estimate), Percent(change.After.Estimate), Percent(change.Difference));
            yield return Paired("different answers to one" + on, "answers", one, problem => problem.Class.Max() + 1);
            yield return Paired("length of answers" + on, "tokens", one, problem => problem.MeanLength);
        }

        yield return new("steps", "", null, (double)run.Steps.Count, null);
        double sampling = run.Sum(Metrics.SamplingSeconds), judging = run.Sum(Metrics.JudgingSeconds), update = run.Sum(Metrics.UpdateSeconds);
        if (run.Steps.Count == 0) yield break;
        yield return new("time for sampling", "s", null, sampling, null);
        yield return new("time for judging", "s", null, judging, null);
        yield return new("time for updates", "s", null, update, null);
        yield return new("time of all steps, logs and checkpoints included", "s", null, sampling + judging + update + run.Sum(Metrics.ProbeSeconds) + run.Sum(Metrics.WritingSeconds), null);
        // Tokens per second are tokens of the step divided by these three.
        double tokens = run.Steps.Sum(step => step.GetValueOrDefault(Metrics.TokensPerSecond.Name)
            * ((Metric[])[Metrics.SamplingSeconds, Metrics.JudgingSeconds, Metrics.UpdateSeconds]).Sum(metric => step.GetValueOrDefault(metric.Name)));
        yield return new("tokens sampled", "tokens", null, Math.Round(tokens), null);
        yield return new("tokens trained on", "tokens", null, run.Sum(Metrics.TrainedTokens), null);
        yield return new("speed", "tokens/s", null, tokens / Math.Max(sampling + judging + update, 1e-9), null);
        foreach (Metric memory in (Metric[])[Metrics.ResidentMemory, Metrics.DeviceMemory])
        {
            if (run.Series(memory.Name) is { Count: > 0 } series) yield return new($"peak of {memory.Name.Replace('_', ' ')}", memory.Unit, null, series.Max(point => point.Value), null);
        }
    }

    private static Cost Share(string quantity, Interval before, Interval after, Interval difference) => new(quantity, "%", before, after, difference);

    // Student's t over problems.
    private static Cost Paired(string quantity, string unit, RecordedComparison one, Func<ProblemResult, double> measured)
    {
        double[] before = [.. one.Before.Problems.Select(measured)], after = [.. one.After.Problems.Select(measured)];
        return new(quantity, unit, Interval.Of(SeedSpread.Of(before)), Interval.Of(SeedSpread.Of(after)), Interval.Of(SeedSpread.Of([.. after.Zip(before, (a, b) => a - b)])));
    }

    private static Interval Percent(Estimate share) => new(100 * share.Value, 100 * share.Low, 100 * share.High);

    private static Interval Percent(PairedDifference difference) => new(100 * difference.Mean, 100 * difference.Low, 100 * difference.High);

    private sealed record Cost(string Quantity, string Unit, Interval? Before, object? After, Interval? Difference);
}
