using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;

namespace Reasoning.Trainer.Evaluation;

/// <summary>A metric of a recipe on a prompt set, over seeds.</summary>
/// <param name="Recipe">What the runs have in common.</param>
/// <param name="Prompts">The set.</param>
/// <param name="Metric">The metric.</param>
/// <param name="OverMatched">Whether the base answered at the temperature that makes it as certain as the adapted model.</param>
/// <param name="Before">Of the base.</param>
/// <param name="After">Of the adapted models.</param>
/// <param name="Difference">Paired.</param>
/// <param name="Up">Runs that rise by their own intervals over problems.</param>
/// <param name="Down">Runs that fall.</param>
/// <param name="CorrectedP">Student's t test of the difference over seeds, after Holm's correction for all rows; NaN for one seed.</param>
internal sealed record SeedRow(
    string Recipe, string Prompts, string Metric, bool OverMatched, SeedSpread Before, SeedSpread After, SeedSpread Difference, int Up, int Down, double CorrectedP)
{
    /// <summary>The rows of some runs, in the order in which recipe, set and metric come first.</summary>
    public static IReadOnlyList<SeedRow> Of(IEnumerable<(string Recipe, IReadOnlyList<EvalComparison> Comparisons)> runs)
    {
        SeedRow[] rows = [.. Untested(runs)];
        double[] corrected = Holm.Adjust([.. rows.Select(row => row.Difference.PValue)]);
        return [.. rows.Zip(corrected, (row, p) => row with { CorrectedP = p })];
    }

    private static IEnumerable<SeedRow> Untested(IEnumerable<(string Recipe, IReadOnlyList<EvalComparison> Comparisons)> runs) =>
        from run in runs
        from comparison in run.Comparisons
        from one in comparison.Changes.Append(comparison.VoteShare).Select(change => (Change: change, OverMatched: false))
            .Concat(comparison.OverMatched.Select(change => (Change: change, OverMatched: true)))
        group one.Change by (run.Recipe, comparison.Name, Metric: one.Change.Name, one.OverMatched) into seeds
        select new SeedRow(
            seeds.Key.Recipe, seeds.Key.Name, seeds.Key.Metric, seeds.Key.OverMatched,
            SeedSpread.Of([.. seeds.Select(change => change.Before.Estimate.Value)]),
            SeedSpread.Of([.. seeds.Select(change => change.After.Estimate.Value)]),
            SeedSpread.Of([.. seeds.Select(change => change.Difference.Mean)]),
            seeds.Count(change => change.IsUp), seeds.Count(change => change.IsDown), double.NaN);
}
