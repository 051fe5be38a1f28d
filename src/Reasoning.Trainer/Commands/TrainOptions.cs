using System.CommandLine;
using System.Globalization;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary>The options of <c>train</c>, and what they ask for.</summary>
internal sealed class TrainOptions(Terminal terminal)
{
    private readonly Option<string> _recipe = new("--recipe")
    {
        HelpName = "R",
        Description = $"Shipped recipe ({string.Join(", ", RecipeFile.Shipped)}) or path of a YAML file. Default: "
            + $"{TrainCommand.DefaultRecipe}.",
    };

    private readonly RunFiles _files = new(terminal);
    private readonly Option<string> _out = new("--out")
    {
        HelpName = "RUN",
        Description = "Folder of the run. Default: the first free runs/RECIPE-N.",
    };
    private readonly Option<int?> _steps = new("--steps")
    {
        HelpName = "N",
        Description = "Steps of the run (setting steps). Default: the recipe's.",
    };
    private readonly Option<ulong?> _seed = new("--seed")
    {
        HelpName = "S",
        Description = "Seed of every draw (setting seed). Default: the recipe's, 1.",
    };

    private readonly Option<string> _rollouts = new("--rollouts")
    {
        HelpName = "URL",
        Description = "Takes the answers that train from a server that runs already (setting rollouts; docs/server.md). Default: this program.",
    };

    private readonly Option<string> _style = CommonOptions.PromptStyle();

    private readonly Option<string[]> _set = new("--set")
    {
        HelpName = "key=value",
        Description = "Changes one setting; may be given several times. --help-settings lists them.",
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command)
    {
        _recipe.CompletionSources.Add([.. RecipeFile.Shipped]);
        _set.CompletionSources.Add([.. Setting.All.Select(setting => setting.Name + "=")]);
        command.Add(_recipe);
        _files.AddTo(command);
        foreach (Option option in (Option[])[_out, _steps, _seed, _rollouts, _style, _set]) command.Add(option);
    }

    /// <summary>A new run.</summary>
    public TrainRequest Request(ParseResult parsed)
    {
        EffectiveRecipe recipe =
            EffectiveRecipe.Build(RecipeFile.Load(parsed.GetValue(_recipe) ?? TrainCommand.DefaultRecipe), Overrides(parsed));
        return _files.Request(parsed, recipe, parsed.GetValue(_out));
    }

    /// <summary>The same run with several seeds, each in a folder of its own.</summary>
    public (string Folder, IReadOnlyList<PlannedRun> Plan) Series(ParseResult parsed, string seeds, bool resume)
    {
        List<(string, string, string)> overrides = Overrides(parsed);
        EffectiveRecipe recipe = EffectiveRecipe.Build(RecipeFile.Load(parsed.GetValue(_recipe) ?? TrainCommand.DefaultRecipe), overrides);
        string folder = RunSeries.Folder(parsed.GetValue(_out), resume, Path.GetFileNameWithoutExtension(recipe.Name));
        IReadOnlyList<ulong> numbers = RunSeries.SeedsOf(seeds, recipe.Recipe.Seed);
        TrainRequest shared = _files.Request(parsed, recipe, folder);
        return (folder,
        [
            .. from seed in numbers
               let own = ((string, string, string)[])[.. overrides, RunSeries.Setting(seed)]
               select new PlannedRun(
                   recipe.Name, seed, shared with { Recipe = recipe.With(own), Out = Path.Combine(folder, $"seed-{seed}") }, own),
        ]);
    }

    /// <summary>A run to go on with: what is not given comes from its record.</summary>
    public TrainRequest Resumed(ParseResult parsed)
    {
        string path = parsed.GetValue(_out) ?? throw new UserErrorException("--resume: say which run to go on with, --out RUN");
        RunFolder run = RunFolder.Open(path);
        RunRecord record = RunRecord.Read(run);
        string? recipe = parsed.GetValue(_recipe);
        if (recipe is not null && recipe != record.Recipe)
            throw new UserErrorException(
                $"--resume: the run in {path} has the recipe {record.Recipe}, not {recipe}; start a new run with another --out");
        return _files.Resumed(parsed, ResumedRun.Settings(record.Effective(run), Overrides(parsed)), path, record);
    }

    private List<(string Key, string Value, string Where)> Overrides(ParseResult parsed)
    {
        List<(string, string, string)> overrides = [.. parsed.GetValue(_set)!.Select(EffectiveRecipe.Assignment)];
        if (parsed.GetValue(_steps) is { } steps) overrides.Add(("steps", steps.ToString(CultureInfo.InvariantCulture), "--steps"));
        if (parsed.GetValue(_seed) is { } seed) overrides.Add(("seed", seed.ToString(CultureInfo.InvariantCulture), "--seed"));
        if (parsed.GetValue(_rollouts) is { } rollouts) overrides.Add(("rollouts", rollouts, "--rollouts"));
        if (parsed.GetValue(_style) is { } style) overrides.Add(("prompt-style", style, "--prompt-style"));
        return overrides;
    }
}
