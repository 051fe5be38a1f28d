using System.CommandLine;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary><c>config show</c>: the effective settings of a recipe, each with its origin; <c>config diff</c>: in which two recipes differ.</summary>
internal static class ConfigCommand
{
    public static Command Create(Terminal terminal)
    {
        var recipe = new Option<string>("--recipe")
        {
            HelpName = "R",
            Description = "Shipped recipe or path of a YAML file.",
            DefaultValueFactory = _ => TrainCommand.DefaultRecipe,
        };
        var set = new Option<string[]>("--set")
        {
            HelpName = "key=value",
            Description = "Changes one setting; may be given several times.",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = CommonOptions.Json();
        var show = new Command("show", "Every setting with its value and where it comes from: default, recipe or command line.")
        {
            recipe, set, json,
        };
        show.SetAction(parsed =>
        {
            EffectiveRecipe effective = EffectiveRecipe.Build(
                RecipeFile.Load(parsed.GetValue(recipe)!), parsed.GetValue(set)!.Select(EffectiveRecipe.Assignment));
            if (parsed.GetValue(json)) PrintJson(terminal.Out, effective);
            else Print(terminal, effective);
            return ExitCode.Done;
        });
        return new Command("config", "The settings of recipes.") { show, Diff(terminal) };
    }

    private static Command Diff(Terminal terminal)
    {
        var first = new Argument<string>("RECIPE") { Description = "Shipped recipe or path of a YAML file." };
        var second = new Argument<string?>("OTHER")
        {
            Description = "The one to compare with. Default: the base that RECIPE names, else the shipped one that it differs least from.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> json = CommonOptions.Json();
        var diff = new Command("diff", "In which settings two recipes differ.") { first, second, json };
        diff.SetAction(parsed =>
        {
            EffectiveRecipe ours = EffectiveRecipe.Build(RecipeFile.Load(parsed.GetValue(first)!), []);
            RecipeDifference difference = parsed.GetValue(second) is { } other
                ? new RecipeDifference(other, RecipeDifference.Between(ours.Recipe, EffectiveRecipe.Build(RecipeFile.Load(other), []).Recipe))
                : RecipeDifference.FromShipped(ours) ?? throw new UserErrorException($"{ours.Name}: is a shipped recipe; name the other one to compare with");
            if (parsed.GetValue(json)) PrintJson(terminal.Out, difference);
            else if (difference.Changes.Count == 0) terminal.Out.WriteLine($"{ours.Name} and {difference.Other} have the same settings");
            else
                TextTable.Write(
                    terminal.Out, terminal.Width, ["setting", ours.Name, difference.Other],
                    difference.Changes.Select(change => (string[])[change.Setting.Name, change.Ours, change.Theirs]));
            return ExitCode.Done;
        });
        return diff;
    }

    private static void PrintJson(TextWriter writer, RecipeDifference difference) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        json.WriteString("other", difference.Other);
        json.WriteStartObject("settings");
        foreach ((Setting setting, string ours, string theirs) in difference.Changes)
        {
            json.WriteStartArray(setting.Name);
            json.WriteStringValue(ours);
            json.WriteStringValue(theirs);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void Print(Terminal terminal, EffectiveRecipe effective)
    {
        IEnumerable<Setting> settings = Setting.All.Where(setting => setting.Concerns(effective.Recipe));
        TextTable.Write(terminal.Out, terminal.Width, ["setting", "value", "unit", "origin"], settings.Select(setting => (string[])
            [setting.Name, setting.Text(effective.Recipe), setting.Unit, effective.Origins[setting.Name]]));
    }

    private static void PrintJson(TextWriter writer, EffectiveRecipe effective) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        foreach (Setting setting in Setting.All)
        {
            json.WriteStartObject(setting.Name);
            json.WriteString("value", setting.Text(effective.Recipe));
            json.WriteString("origin", effective.Origins[setting.Name]);
            json.WriteString("unit", setting.Unit);
            json.WriteString("range", setting.Range);
            json.WriteString("effect", setting.Effect);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });
}
