using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary><c>recipes</c>: what is shipped.</summary>
internal static class RecipesCommand
{
    public static Command Create(Terminal terminal)
    {
        var show = new Option<string>("--show") { HelpName = "R", Description = "Print the text of one recipe, as a starting point for your own." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("recipes", "Lists the shipped recipes.") { show, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(show) is { } name)
            {
                terminal.Out.Write(RecipeFile.Load(name).Source);
                return ExitCode.Done;
            }

            RecipeFile[] files = [.. RecipeFile.Shipped.Select(RecipeFile.Load)];
            if (parsed.GetValue(json))
            {
                foreach (RecipeFile file in files)
                {
                    JsonOutput.Line(terminal.Out, writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteString("name", file.Name);
                        writer.WriteString("summary", file.Summary);
                        writer.WriteEndObject();
                    });
                }
            }
            else
            {
                TextTable.Write(
                    terminal.Out, terminal.Width, ["recipe", "what it does"], files.Select(file => (string[])[file.Name, file.Summary]));
            }

            return ExitCode.Done;
        });
        return command;
    }
}
