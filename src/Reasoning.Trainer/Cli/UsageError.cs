using System.CommandLine;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Cli;

/// <summary>Turns what the parser found into one line with the nearest name that exists.</summary>
internal static class UsageError
{
    public static UserErrorException Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = Path(command);
        if (parsed.UnmatchedTokens is [{ } first, ..])
        {
            string word = first.StartsWith('-') ? first.Split('=')[0] : first;
            string[] options = [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name)];
            if (options.Contains("--set") && word.StartsWith("--", StringComparison.Ordinal) && SettingOf(word[2..]) is { } setting)
                return new UserErrorException($"unknown option '{word}'; it is the setting {setting}: --set {setting}=VALUE");
            if (word.StartsWith('-') && word.Length > 1)
                return new UserErrorException($"unknown option '{word}'{Nearest.Hint(word, options)}; {path} --help lists them");
            if (command.Subcommands.Count > 0)
                return new UserErrorException(
                    $"unknown command '{word}'{Nearest.Hint(word, command.Subcommands.Select(sub => sub.Name))}; {path} --help lists them");
            return new UserErrorException($"'{word}' is an unexpected argument; {path} --help shows the usage");
        }

        string message = (parsed.Errors.Count > 0 ? parsed.Errors[0] : null)?.Message.ReplaceLineEndings(" ") ?? "not understood";
        foreach ((string type, string plain) in (ReadOnlySpan<(string, string)>)
            [("System.Int32", "a whole number"), ("System.UInt64", "a whole number"), ("System.Double", "a number")])
        {
            message = message.Replace(type, plain, StringComparison.Ordinal);
        }

        return new UserErrorException($"{message.TrimEnd('.', ' ')}; {path} --help shows the usage");
    }

    private static string? SettingOf(string word) => Setting.All.FirstOrDefault(setting => setting.Name == word)?.Name ?? OtherNames.Find(word);

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "reasoning";
}
