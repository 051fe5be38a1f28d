using Reasoning.Eval.Results;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Evaluation;

/// <summary>A comparison of a run with the results that it was made of.</summary>
/// <param name="Set">Name of the prompt set in file names.</param>
/// <param name="Comparison">Base against adapted.</param>
/// <param name="Before">Results of the base.</param>
/// <param name="After">Results of the adapted model.</param>
/// <param name="Others">What else answered the same prompts, by the name that its file has.</param>
internal sealed record RecordedComparison(
    string Set, EvalComparison Comparison, EvalResult Before, EvalResult After, IReadOnlyList<(string Name, EvalSummary Summary)> Others);

/// <summary>The comparisons that a run printed at its end, from the files in its folder.</summary>
internal static class RecordedComparisons
{
    /// <summary>Names of the prompt sets, in the order in which they are printed.</summary>
    public static IReadOnlyList<string> Sets { get; } = [RunFolder.TargetSet, "held-out", "source"];

    /// <summary>Corrected together, as they were printed; empty where there is nothing to compare yet.</summary>
    /// <exception cref="Models.UserErrorException">A file is damaged, or the two of a set do not fit together.</exception>
    public static IReadOnlyList<RecordedComparison> Of(RunFolder run, Recipe recipe, int step)
    {
        var all = new List<RecordedComparison>();
        foreach (string set in Sets)
        {
            string before = run.EvalFile(BeforeAndAfter.Base, set), after = run.EvalFile(BeforeAndAfter.Adapted, set);
            if (!Path.Exists(before)) continue;
            EvalResult start = EvalFile.Read(before);
            if (recipe.EpisodeSteps > 0 && set == Sets[0])
            {
                (EvalResult own, EvalResult episodes) = Episodes.Collect(recipe, run, start, step);
                if (own.Problems.Count > 0) Add(own, episodes);
            }
            else if (Path.Exists(after))
            {
                Add(start, EvalFile.Read(after));
            }

            void Add(EvalResult one, EvalResult two)
            {
                try
                {
                    string matched = run.EvalFile(BeforeAndAfter.Matched, set);
                    EvalResult? other = one.TokenEntropy is not null && Path.Exists(matched) ? EvalFile.Read(matched) : null;
                    all.Add(new RecordedComparison(set, new EvalComparison(BeforeAndAfter.NameOf(set, recipe), one, two, other), one, two, Others(run, set)));
                }
                catch (ArgumentException e)
                {
                    throw new Models.UserErrorException($"{after}: does not fit to {Path.GetFileName(before)}: {e.Message}", e);
                }
            }
        }

        EvalComparison.Together([.. all.Select(one => one.Comparison)]);
        return all;
    }

    private static List<(string, EvalSummary)> Others(RunFolder run, string set) =>
    [
        .. Directory.EnumerateFiles(run.Path, $"eval-*-{set}.json").Order(StringComparer.Ordinal)
            .Select(file => (File: file, Name: Path.GetFileName(file)["eval-".Length..^$"-{set}.json".Length]))
            .Where(one => one.Name is not (BeforeAndAfter.Base or BeforeAndAfter.Adapted) && run.EvalFile(one.Name, set) == one.File)
            .Select(one => (one.Name == BeforeAndAfter.Matched ? SeedRow.Matched : one.Name, EvalSummary.Of(EvalFile.Read(one.File)))),
    ];
}
