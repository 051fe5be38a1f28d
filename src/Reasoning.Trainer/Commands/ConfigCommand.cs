using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary><c>config show</c>: the effective settings of a recipe, each with its origin.</summary>
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
        return new Command("config", "Effective settings.") { show };
    }

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
