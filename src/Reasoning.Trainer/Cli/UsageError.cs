using System.CommandLine;
using System.Text.RegularExpressions;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Cli;

/// <summary>Turns what the parser found into one line that names what was probably meant.</summary>
internal static partial class UsageError
{
    public static UserErrorException Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = Path(command);
        if (parsed.UnmatchedTokens is [{ } word, ..])
        {
            if (word.StartsWith('-') && word.Length > 1) return UnknownOption(command, path, word.Split('=')[0]);
            if (command.Subcommands.Count > 0)
                return new UserErrorException(
                    $"unknown command '{word}'{Nearest.Hint(word, command.Subcommands.Select(sub => sub.Name))}; {path} --help lists them");
            return new UserErrorException($"'{word}' is an unexpected argument; {Meant(command, path, word)}");
        }

        string message = (parsed.Errors.Count > 0 ? parsed.Errors[0] : null)?.Message.ReplaceLineEndings(" ") ?? "not understood";
        if (WrongType().Match(message) is { Success: true } wrong)
        {
            string type = wrong.Groups["type"].Value;
            message = $"{wrong.Groups["option"].Value} is '{wrong.Groups["value"].Value}'; write {(type.Contains("Double", StringComparison.Ordinal) ? "a number" : "a whole number")}";
        }

        return new UserErrorException($"{message.TrimEnd('.', ' ')}; {path} --help shows the usage");
    }

    private static UserErrorException UnknownOption(Command command, string path, string word)
    {
        string[] options = [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name)];
        string hint = Nearest.Hint(word, options);
        if (OtherNames.Option(word) is { } ours && options.Contains(ours)) hint = $"; here it is {ours}";
        else if (options.Contains("--set") && word.StartsWith("--", StringComparison.Ordinal) && OtherNames.Find(word) is { } setting)
            return new UserErrorException($"unknown option '{word}'; it is the setting {setting}: --set {setting}=VALUE");
        Command? owner = command.Subcommands.FirstOrDefault(sub => sub.Options.Any(option => option.Name == word));
        if (owner is not null) hint = $"; it belongs behind a command: {path} {owner.Name} {word}";
        return new UserErrorException($"unknown option '{word}'{hint}; {path} --help lists them");
    }

    // What to write in the place of an argument that no option asked for.
    private static string Meant(Command command, string path, string word)
    {
        if (command.Options.FirstOrDefault(option => option.Name is "--recipe" or "--show") is { } recipe && RecipeFile.Shipped.Contains(word))
            return $"did you mean {recipe.Name} {word}?";
        if (command.Name is "grade" or "tokenize") return $"it reads standard input: {path} < {word}";
        return command.Options.FirstOrDefault(option => option.Required) is { } required
            ? $"did you mean {required.Name} '{word}'?"
            : $"an option takes one value, and lists have commas; {path} --help shows the usage";
    }

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "reasoning";

    // As System.CommandLine says it.
    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '(?<option>.*)' as expected type '(?<type>.*)'")]
    private static partial Regex WrongType();
}
