using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Models;

namespace Reasoning.Trainer.Evaluation;

/// <summary>A metric of a recipe on a prompt set, over seeds.</summary>
/// <param name="Recipe">What the runs have in common.</param>
/// <param name="Prompts">The set.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Against">What the adapted models are compared with: <see cref="Base"/>, the base at a matched temperature, or another recipe.</param>
/// <param name="Before">Of that.</param>
/// <param name="After">Of the adapted models.</param>
/// <param name="Difference">Paired, seed by seed.</param>
/// <param name="Up">Runs that rise by their own intervals over problems.</param>
/// <param name="Down">Runs that fall.</param>
/// <param name="CorrectedP">Student's t test of the difference over seeds, after Holm's correction for all rows; NaN for one seed.</param>
internal sealed record SeedRow(
    string Recipe, string Prompts, string Metric, string Against, SeedSpread Before, SeedSpread After, SeedSpread Difference, int Up, int Down, double CorrectedP)
{
    public const string Base = "base", Matched = "base, temperature matched";

    /// <summary>The rows of some runs, in the order in which recipe, set and metric come first.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="against">The recipe that the others are compared with as well, seed by seed; null for none.</param>
    /// <exception cref="UserErrorException">There is no such recipe, or its runs answered other prompts.</exception>
    public static IReadOnlyList<SeedRow> Of(IReadOnlyList<SeriesRun> runs, string? against = null)
    {
        if (against is not null && runs.All(run => run.Recipe != against))
            throw new UserErrorException($"--against {against}: no such recipe here; there are {string.Join(", ", runs.Select(run => run.Recipe).Distinct())}");
        SeedRow[] rows =
        [
            .. from run in runs
               from one in Changes(run, run.Recipe == against ? null : runs.FirstOrDefault(other => other.Recipe == against && other.Seed == run.Seed))
               group one.Change by (run.Recipe, one.Set, Metric: one.Change.Name, one.Against) into seeds
               select new SeedRow(
                   seeds.Key.Recipe, seeds.Key.Set, seeds.Key.Metric, seeds.Key.Against,
                   SeedSpread.Of([.. seeds.Select(change => change.Before.Estimate.Value)]),
                   SeedSpread.Of([.. seeds.Select(change => change.After.Estimate.Value)]),
                   SeedSpread.Of([.. seeds.Select(change => change.Difference.Mean)]),
                   seeds.Count(change => change.IsUp), seeds.Count(change => change.IsDown), double.NaN),
        ];
        double[] corrected = Holm.Adjust([.. rows.Select(row => row.Difference.PValue)]);
        return [.. rows.Zip(corrected, (row, p) => row with { CorrectedP = p })];
    }

    private static IEnumerable<(string Set, string Against, MetricChange Change)> Changes(SeriesRun run, SeriesRun? other)
    {
        (string Set, string Against, MetricChange Change)[] toOther =
        [
            .. from one in run.Comparisons
               let same = other?.Comparisons.FirstOrDefault(two => two.Name == one.Name)
               where same is not null
               from change in Over(one, same)
               select (one.Name, other!.Recipe, change),
        ];
        MetricChange.Together([.. toOther.Select(pair => pair.Change)]);
        return run.Comparisons
            .SelectMany(one => one.Changes.Append(one.VoteShare).Select(change => (one.Name, Base, change)).Concat(one.OverMatched.Select(change => (one.Name, Matched, change))))
            .Concat(toOther);

        IReadOnlyList<MetricChange> Over(EvalComparison one, EvalComparison same)
        {
            try
            {
                return one.Over(same);
            }
            catch (ArgumentException e)
            {
                throw new UserErrorException($"{run.Recipe} cannot be compared with {other!.Recipe}: {e.Message}", e);
            }
        }
    }
}

/// <summary>A run among others.</summary>
/// <param name="Recipe">What it has in common with runs of other seeds.</param>
/// <param name="Seed">Of its draws.</param>
/// <param name="Comparisons">Base against adapted, for each prompt set.</param>
internal sealed record SeriesRun(string Recipe, ulong Seed, IReadOnlyList<EvalComparison> Comparisons);
