using System.CommandLine;
using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary><c>compare</c>: several recipes and seeds on the same prompts, one table.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var recipes = new Option<string>("--recipes")
        {
            HelpName = "a,b,c",
            Description = "Recipes (names or paths), separated by commas.",
            Required = true,
        };
        var seeds = new Option<int>("--seeds")
        {
            HelpName = "N",
            Description = "Runs of each recipe, with the seeds 1 to N.",
            DefaultValueFactory = _ => 3,
        };
        var output = new Option<string>("--out")
        {
            HelpName = "DIR",
            Description = "Folder of the runs. Default: the first free runs/compare-N.",
        };
        var files = new RunFiles(terminal);
        var set = new Option<string[]>("--set")
        {
            HelpName = "key=value",
            Description = "Changes one setting of every recipe; may be given several times.",
            DefaultValueFactory = _ => [],
        };
        Option<string> style = CommonOptions.PromptStyle();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("compare", "Trains several recipes with several seeds on the same prompts and prints one table.")
        {
            recipes, seeds, output, style, set, json,
        };
        files.AddTo(command);
        command.SetAction(parsed =>
        {
            int count = CommonOptions.InRange(parsed.GetValue(seeds), 1, 1000, "--seeds");
            string folder = parsed.GetValue(output) ?? RunFolder.FirstFree("runs", "compare");
            List<(string, string, string)> overrides = [.. parsed.GetValue(set)!.Select(EffectiveRecipe.Assignment)];
            if (parsed.GetValue(style) is { } word) overrides.Add(("prompt-style", word, "--prompt-style"));
            string[] names = parsed.GetValue(recipes)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            List<(string Recipe, ulong Seed, EffectiveRecipe Effective)> plan =
            [
                .. from name in names
                   let file = RecipeFile.Load(name)
                   from seed in Enumerable.Range(1, count)
                   let text = seed.ToString(CultureInfo.InvariantCulture)
                   select (file.Name, (ulong)seed, EffectiveRecipe.Build(file, [.. overrides, ("seed", text, "--seeds")])),
            ];
            var results = new List<ComparedRun>();
            foreach ((string name, ulong seed, EffectiveRecipe effective) in plan)
            {
                terminal.Progress($"=== {name}, seed {seed} ({results.Count + 1} of {plan.Count})");
                TrainRequest request = files.Request(parsed, effective, Path.Combine(folder, $"{name}-seed{seed}"));
                string? sameBase = results.Find(run => run.Seed == seed)?.Result.Run.Path;
                TrainResult result = new TrainRun(request with { BaseFrom = sameBase }, terminal, TimeProvider.System).Run(cancel);
                if (result.End == LoopEnd.Interrupted) throw new OperationCanceledException();
                if (result.End == LoopEnd.Collapsed) terminal.Progress($"stopped by the guard after step {result.Step}: {result.Reason}");
                results.Add(new ComparedRun(name, seed, result));
            }

            if (parsed.GetValue(json)) PrintJson(terminal.Out, results);
            else Print(terminal, results);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, List<ComparedRun> runs)
    {
        terminal.Out.WriteLine(
            runs.SelectMany(run => run.Result.Comparisons).FirstOrDefault()?.Before.Settings.Describe() ?? "not evaluated");
        var rows =
            from run in runs
            from comparison in run.Result.Comparisons
            from change in comparison.Changes
            group (run.Seed, Change: change) by (run.Recipe, comparison.Name, Metric: change.Name) into seeds
            let differences = seeds.Select(item => item.Change.Difference).ToList()
            select (string[])
            [
                seeds.Key.Recipe, seeds.Key.Name, seeds.Key.Metric,
                Percent(seeds.Average(item => item.Change.Before.Estimate.Value)),
                Percent(seeds.Average(item => item.Change.After.Estimate.Value)),
                $"{Percent(differences.Average(d => d.Mean), "+0.0;-0.0")} [{Percent(differences.Min(d => d.Mean), "+0.0;-0.0")}, "
                    + $"{Percent(differences.Max(d => d.Mean), "+0.0;-0.0")}]",
                $"{seeds.Count(item => item.Change.IsUp)} up, {seeds.Count(item => item.Change.IsDown)} down of {differences.Count}",
            ];
        TextTable.Write(
            terminal.Out, terminal.Width,
            ["recipe", "prompts", "metric", "base %", "adapted %", "difference [over seeds]", "95 % intervals"], rows);
        foreach (ComparedRun run in runs)
            terminal.Out.WriteLine($"{run.Recipe}, seed {run.Seed}: model collapse step: {CollapseSteps.Of(run.Result.Run)}");
        foreach (ComparedRun run in runs.Where(run => run.Result.End == LoopEnd.Collapsed))
            terminal.Out.WriteLine(
                $"{run.Recipe}, seed {run.Seed}: stopped by the guard after step {run.Result.Step}: {run.Result.Reason}");
    }

    private static void PrintJson(TextWriter writer, List<ComparedRun> runs)
    {
        foreach (ComparedRun run in runs)
        {
            JsonOutput.Line(writer, json =>
            {
                json.WriteStartObject();
                json.WriteString("recipe", run.Recipe);
                json.WriteNumber("seed", run.Seed);
                json.WriteString("run", run.Result.Run.Path);
                json.WriteString("collapsed", run.Result.Reason);
                ComparisonJson.Write(json, CollapseSteps.Of(run.Result.Run));
                json.WriteStartObject("sets");
                foreach (EvalComparison comparison in run.Result.Comparisons) ComparisonJson.Write(json, comparison);
                json.WriteEndObject();
                json.WriteEndObject();
            });
        }
    }

    private static string Percent(double share, string format = "0.0") => (share * 100).ToString(format, CultureInfo.InvariantCulture);

    private sealed record ComparedRun(string Recipe, ulong Seed, TrainResult Result);
}
