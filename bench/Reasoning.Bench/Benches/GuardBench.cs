using System.Globalization;
using Reasoning.Bench.Harness;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Benches;

/// <summary>
/// Calibrates the guard: every recipe at a gentle, its usual and two high rates on the starter, with the guard only listening; then which runs
/// were damaged, by gold answers that the guard never sees, and when it would have said so. Runs that are there already are not repeated, so
/// that the table can be made again after a change of the rules.
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

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("recipe, times its rate", "pass@1 before", "after", "run", "drop at step", "alarm at step", "rule");
        int damaged = 0, caught = 0, healthy = 0, stopped = 0, all = 0;
        foreach (string recipe in RecipeFile.Shipped.Where(name => name != "temperature"))
        {
            foreach ((string rate, double factor) in s_rates)
            {
                string row = $"{recipe}, {rate} (× {Text(factor)})";
                if (!options.Wants(row)) continue;
                RunFolder run = Train(recipe, factor);
                double before = Accuracy(run, "base"), after = Accuracy(run, "adapted");
                string kind = after < before * Damaged ? "damaged" : after < before * Healthy ? "worse" : "healthy";
                int? drop = Drop(Metrics(recipe, factor), Metrics(recipe, s_rates[0].Factor));
                (int Step, string Rule)? alarm = Alarm(recipe, Metrics(recipe, factor));
                all++;
                if (kind == "damaged") damaged++;
                if (kind == "damaged" && alarm?.Step <= (drop ?? int.MaxValue - InTime) + InTime) caught++;
                if (kind == "healthy") healthy++;
                if (kind == "healthy" && alarm is not null) stopped++;
                report.Row(row, Percent(before), Percent(after), kind, Text(drop), Text(alarm?.Step), alarm?.Rule ?? "");
            }
        }

        report.Note($"{all} runs; {caught} of {damaged} damaged runs caught at most {InTime} steps after the drop; {stopped} of {healthy} healthy runs stopped");
        report.Note($"damaged: pass@1 below {Damaged} of the base's, healthy: {Healthy} and more; drop: the first of two steps in a row whose answers are "
            + $"right less than {Damaged} as often as those of the gentle run to the same prompts");
    }

    private static RunFolder Train(string recipe, double factor)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{recipe}-x{factor:0.##}");
        string folder = Path.Combine(BenchModels.Root, "artifacts", "guard", name);
        Recipe shipped = EffectiveRecipe.Build(RecipeFile.Load(recipe), []).Recipe;
        double rate = shipped.LearningRate * factor;
        string[] arguments =
        [
            "train", "--recipe", recipe, "--model", BenchModels.Starter, "--prompts", Path.Combine(BenchModels.Root, DefaultFiles.Prompts), "--out", folder,
            "--set", string.Create(CultureInfo.InvariantCulture, $"learning-rate={rate:g3}"), "--set", "guard-action=warn",
            "--set", "eval-samples=4", "--set", "eval-problems=128", "--set", "log-samples-every=0", "--set", "checkpoint-every=0",
            "--steps", Steps.ToString(CultureInfo.InvariantCulture), .. Fewer(shipped),
        ];
        if (Directory.Exists(folder) && File.Exists(RunFolder.Open(folder).EvalFile("adapted", RunFolder.TargetSet))) return RunFolder.Open(folder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        using var quiet = new StringWriter(CultureInfo.InvariantCulture);
        int code = CommandLine.Run(arguments, new Terminal(quiet, quiet, TextReader.Null, isInteractive: false, width: 200), default);
        return code == ExitCode.Done ? RunFolder.Open(folder) : throw new InvalidOperationException($"{name} ended with {code}: {quiet}");
    }

    /// <summary>Half of the answers of a step, where there are many: half the time, and more noise than the guard meets in use.</summary>
    private static string[] Fewer(Recipe recipe)
    {
        if (recipe.PromptsPerStep * recipe.SamplesPerPrompt <= 64) return [];
        string less = recipe.SamplesPerPrompt >= 32 ? $"samples-per-prompt={recipe.SamplesPerPrompt / 2}" : $"prompts-per-step={recipe.PromptsPerStep / 2}";
        return ["--set", less];
    }

    private static IReadOnlyDictionary<string, double>[] Metrics(string recipe, double factor) =>
        [.. JsonLines.Numbers(Train(recipe, factor).MetricsFile)];

    private static double Accuracy(RunFolder run, string which) =>
        EvalSummary.Of(EvalFile.Read(run.EvalFile(which, RunFolder.TargetSet))).Find("pass@1")!.Estimate.Value;

    private static int? Drop(IReadOnlyDictionary<string, double>[] steps, IReadOnlyDictionary<string, double>[] gentle)
    {
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

    private static string Text(IFormattable? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
