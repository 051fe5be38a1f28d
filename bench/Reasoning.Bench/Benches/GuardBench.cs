using System.Globalization;
using Reasoning.Bench.Harness;
using Reasoning.Models;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Benches;

/// <summary>
/// Calibrates the guard: every recipe at a gentle, its usual and two high rates on the starter, with the guard only listening; then which runs
/// were damaged, by gold answers that the guard never sees, and when it would have said so. Runs are made for the rows that --only names and
/// kept in artifacts/guard; without it the table is that of the runs that are there, so that it can be made again after a change of the rules.
/// </summary>
internal static class GuardBench
{
    public const string Title = "the guard: damaged runs caught, healthy runs stopped";

    private const int Steps = 15;

    /// <summary>An alarm counts as in time up to so many steps after the drop.</summary>
    private const int InTime = 10;

    /// <summary>Of the accuracy of the base: below the first a run is damaged, from the second on healthy.</summary>
    private const double Damaged = 0.8, Healthy = 0.95;

    /// <summary>Times the recipe's own learning rate; the first is what others are compared with.</summary>
    private static readonly (string Name, double Factor)[] s_rates = [("gentle", 1 / 3.0), ("usual", 1), ("high", 10), ("harmful", 30)];

    private static readonly KeptRuns s_runs = new("guard", BenchModels.Starter, Path.Combine(BenchModels.Root, DefaultFiles.Prompts));

    /// <summary>What the words of <see cref="Kind"/> mean.</summary>
    public static string Kinds { get; } = FormattableString.Invariant($"damaged: pass@1 below {Damaged} of the base's; worse: below {Healthy}; healthy: {Healthy} and more");

    /// <summary>What became of a model that kept a share of its pass@1.</summary>
    public static string Kind(double kept) => kept < Damaged ? "damaged" : kept < Healthy ? "worse" : "healthy";

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("recipe, times its rate", "pass@1 before", "after", "run", "drop at step", "alarm at step", "rule");
        var all = new List<Outcome>();
        foreach (string recipe in RecipeFile.Shipped.Where(name => name != "temperature"))
        {
            foreach ((string rate, double factor) in s_rates)
            {
                string row = $"{recipe}, {rate} (× {Text(factor)})";
                if (options.Only.Length == 0 ? !s_runs.IsDone(Name(recipe, factor)) || !s_runs.IsDone(Name(recipe, s_rates[0].Factor)) : !options.Wants(row)) continue;
                RunFolder run = Train(recipe, factor);
                double before = KeptRuns.Accuracy(run, "base", "pass@1"), after = KeptRuns.Accuracy(run, "adapted", "pass@1");
                string kind = Kind(after / before);
                IReadOnlyDictionary<string, double>[] steps = Metrics(recipe, factor);
                int? drop = Drop(steps, Metrics(recipe, s_rates[0].Factor));
                (int Step, string Rule)? alarm = Alarm(recipe, steps);
                all.Add(new Outcome(kind, (drop ?? Steps) + InTime, alarm?.Step, Rules(recipe, steps)));
                report.Row(row, Percent(before), Percent(after), kind, Text(drop), Text(alarm?.Step), alarm?.Rule ?? "");
            }
        }

        Outcome[] damaged = Of("damaged"), worse = Of("worse"), healthy = Of("healthy");
        report.Note(
            $"{all.Count} runs; {damaged.Count(run => run.Alarm <= run.Until)} of {damaged.Length} damaged runs caught at most {InTime} steps after the drop; "
            + $"{healthy.Count(run => run.Alarm is not null)} of {healthy.Length} healthy runs stopped; {worse.Count(run => run.Alarm is not null)} of {worse.Length} worse ones");
        foreach (string rule in all.SelectMany(run => run.Rules.Keys).Distinct())
        {
            double[] sick = [.. Of("damaged", rule).Select(run => Held(run, rule, run.Until))], well = [.. Of("healthy", rule).Select(run => Held(run, rule, Steps))];
            if (sick.Length == 0 || well.Length == 0) continue;
            report.Note($"rule {rule}, in parts of its limit: at most {Text(well.Max())} in healthy runs, in damaged ones {Text(sick.Min())} to {Text(sick.Max())}; "
                + $"alone catches {sick.Count(most => most >= 1)} of {sick.Length} and stops {well.Count(most => most >= 1)} of {well.Length}");
        }

        report.Note($"{Kinds}; drop: the first of two steps in a row whose answers are "
            + $"right less than {Damaged} as often as those of the gentle run to the same prompts");

        Outcome[] Of(string kind, string? rule = null) => [.. all.Where(run => run.Kind == kind && (rule is null || run.Rules.ContainsKey(rule)))];
    }

    private static string Name(string recipe, double factor) => string.Create(CultureInfo.InvariantCulture, $"{recipe}-x{factor:0.##}");

    private static RunFolder Train(string recipe, double factor)
    {
        EffectiveRecipe shipped = EffectiveRecipe.Build(RecipeFile.Load(recipe), []);
        Recipe changed = Fewer(shipped.Recipe) with
        {
            LearningRate = shipped.Recipe.LearningRate * factor,
            Steps = Steps,
            GuardAction = GuardActionKind.Warn,
            EvalSamples = 4,
            EvalProblems = 128,
            EvalMatched = false,
            LogSamplesEvery = 0,
            CheckpointEvery = 0,
        };
        return s_runs.Get(Name(recipe, factor), new EffectiveRecipe(recipe, changed, shipped.Origins));
    }

    /// <summary>Half of the answers of a step, where there are many: half the time, and more noise than the guard meets in use.</summary>
    private static Recipe Fewer(Recipe recipe) => recipe.PromptsPerStep * recipe.SamplesPerPrompt <= 64 ? recipe
        : recipe.SamplesPerPrompt >= 32 ? recipe with { SamplesPerPrompt = recipe.SamplesPerPrompt / 2 }
        : recipe with { PromptsPerStep = recipe.PromptsPerStep / 2 };

    private static IReadOnlyDictionary<string, double>[] Metrics(string recipe, double factor) =>
        [.. JsonLines.Numbers(Train(recipe, factor).MetricsFile)];

    private static int? Drop(IReadOnlyDictionary<string, double>[] steps, IReadOnlyDictionary<string, double>[] gentle)
    {
        if (gentle.Length < steps.Length)
            throw new UserErrorException($"artifacts/guard holds a run of {steps.Length} steps whose gentle one has {gentle.Length}: they are not of one grid; delete one of them");
        string correct = Trainer.Measures.Metrics.CorrectShare.Name;
        int low = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            low = steps[i][correct] < gentle[i][correct] * Damaged ? low + 1 : 0;
            if (low == 2) return i;
        }

        return null;
    }

    private static (int Step, string Rule)? Alarm(string recipe, IReadOnlyDictionary<string, double>[] steps)
    {
        var guard = new Guard(EffectiveRecipe.Build(RecipeFile.Load(recipe), []).Recipe, new GuardState());
        for (int i = 0; i < steps.Length; i++)
        {
            if (guard.Watch(metric => steps[i].TryGetValue(metric.Name, out double value) ? value : null) is not { } alarm) continue;
            return (i + 1, alarm["rule ".Length..alarm.IndexOf(':', StringComparison.Ordinal)]);
        }

        return null;
    }

    /// <summary>How near each rule was to its limit after each step.</summary>
    private static Dictionary<string, double[]> Rules(string recipe, IReadOnlyDictionary<string, double>[] steps)
    {
        Recipe shipped = EffectiveRecipe.Build(RecipeFile.Load(recipe), []).Recipe;
        return Enumerable.Range(1, steps.Length).SelectMany(count => Guard.Replay(shipped, steps[..count])).GroupBy(reading => reading.Rule)
            .ToDictionary(rule => rule.Key, rule => rule.Select(reading => reading.Last).ToArray());
    }

    /// <summary>The most that a rule held in two steps in a row, which is what the guard waits for.</summary>
    private static double Held(Outcome run, string rule, int until)
    {
        double[] reached = [.. run.Rules[rule].Take(until)];
        return reached.Zip(reached.Skip(1), Math.Min).Max();
    }

    private static string Text(IFormattable? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <param name="Kind">What became of the model.</param>
    /// <param name="Until">The last step at which an alarm is in time.</param>
    /// <param name="Alarm">The step of the alarm; null where there was none.</param>
    /// <param name="Rules">How near each rule was to its limit after each step.</param>
    private sealed record Outcome(string Kind, int Until, int? Alarm, Dictionary<string, double[]> Rules);
}
