using System.CommandLine;
using System.Text.RegularExpressions;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary><c>compare</c>: several recipes and seeds on the same prompts, one table and one page.</summary>
internal static partial class CompareCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var recipes = new Option<string>("--recipes")
        {
            HelpName = "a,b,c",
            Description = "Recipes (names or paths), separated by commas; +key=value behind one changes a setting of it alone: zerosiam,zerosiam+alpha=0.",
            Required = true,
        };
        Option<string> seeds = RunSeries.Seeds("1");
        seeds.DefaultValueFactory = _ => "3";
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
        Option<bool> json = CommonOptions.Json(), resume = RunSeries.Resume();
        Option<int> every = ReportCommand.Every();
        Option<string> against = ReportCommand.Against();
        var command = new Command("compare", "Trains several recipes with several seeds on the same prompts, prints one table and writes one page.")
        {
            recipes, seeds, against, output, style, set, resume, every, json, HelpText.SettingsOption(terminal),
        };
        files.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = RunSeries.Folder(parsed.GetValue(output), parsed.GetValue(resume), "compare");
            List<(string, string, string)> overrides = [.. parsed.GetValue(set)!.Select(EffectiveRecipe.Assignment)];
            if (parsed.GetValue(style) is { } word) overrides.Add(("prompt-style", word, "--prompt-style"));
            string[] names = parsed.GetValue(recipes)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            TrainRequest? shared = null;
            List<PlannedRun> plan =
            [
                .. from name in names
                   let parts = Variant().Split(name)
                   let file = RecipeFile.Load(parts[0])
                   let label = string.Join('+', [file.Name, .. parts[1..]])
                   from seed in RunSeries.SeedsOf(parsed.GetValue(seeds)!, first: 1)
                   let own = ((string, string, string)[])[.. overrides, .. parts[1..].Select(EffectiveRecipe.Assignment), RunSeries.Setting(seed)]
                   let effective = EffectiveRecipe.Build(file, own)
                   let request = shared ??= files.Request(parsed, effective, folder)
                   select new PlannedRun(
                       label, seed, request with { Recipe = effective, Out = Path.Combine(folder, $"{Folder(label)}-seed{seed}") }, own),
            ];
            if (plan.GroupBy(run => run.Request.Out).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new UserErrorException($"--recipes: {twice.First().Recipe} occurs twice; +key=value tells two apart");
            string? other = parsed.GetValue(against);
            if (other is not null && plan.TrueForAll(run => run.Recipe != other))
                throw new UserErrorException($"--against {other}: not one of --recipes: {string.Join(", ", plan.Select(run => run.Recipe).Distinct())}");
            return new RunSeries(folder, terminal, parsed.GetValue(resume), parsed.GetValue(every), other).Run(plan, parsed.GetValue(json), cancel);
        });
        return command;
    }

    private static string Folder(string label) => string.Join('-', label.Split(Path.GetInvalidFileNameChars()));

    // A plus before a key: names have pluses of their own, such as reinforce++.
    [GeneratedRegex(@"\+(?=[a-z][a-z0-9-]*=)")]
    private static partial Regex Variant();
}
