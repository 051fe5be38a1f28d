using System.CommandLine;
using System.Globalization;
using System.Text;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary><c>man</c>: the manual page of this program, in the language of <c>man</c>, from the same commands that <c>--help</c> reads.</summary>
internal static class ManCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("man", "Prints the manual page, for packages and for man(1): reasoning man | man -l -");
        command.SetAction(parsed =>
        {
            terminal.Out.Write(Page(parsed.RootCommandResult.Command));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The page, in the macros of man(7).</summary>
    internal static string Page(Command root)
    {
        var page = new StringBuilder();
        DateTime built = File.GetLastWriteTimeUtc(typeof(ManCommand).Assembly.Location);
        Line(string.Create(CultureInfo.InvariantCulture, $".TH REASONING 1 {built:yyyy-MM-dd} reasoning \"User Commands\""));
        Line(".SH NAME");
        Line(Escape("reasoning - " + char.ToLowerInvariant(root.Description![0]) + root.Description[1..].TrimEnd('.')));
        Line(".SH SYNOPSIS");
        Line(".B reasoning");
        Line(".I COMMAND");
        Line("[options]");
        Line(".SH DESCRIPTION");
        Line(Escape(root.Description));
        Line("Results go to standard output, progress and errors to standard error. An error that a user can mend is one line: what, where, what to do.");
        Line(".SH COMMANDS");
        foreach (Command command in Leaves(root)) Describe(command);
        Line(".SH OPTIONS OF ALL COMMANDS");
        foreach (Option option in root.Options.Where(option => !option.Hidden)) Describe(option);
        Line(".SH EXIT STATUS");
        (string Code, string Meaning)[] codes =
        [
            ("0", "Done."), ("1", "Failed while running, or interrupted."), ("2", "Bad input or usage."), ("3", "Stopped by the collapse guard."),
            ("128 + N", "Ended by the second signal N."),
        ];
        foreach ((string code, string meaning) in codes) Item(code, meaning);
        Line(".SH EXAMPLES");
        Line(".nf");
        foreach (string example in HelpText.Examples["reasoning"]) Line(Escape(example));
        Line(".fi");
        return page.ToString();

        void Line(string text) => page.Append(text).Append('\n');

        void Item(string term, string text)
        {
            Line(".TP");
            Line($".B {Escape(term)}");
            if (text.Length > 0) Line(Escape(text));
        }

        void Describe(Symbol symbol)
        {
            if (symbol is Command command)
            {
                IEnumerable<string> arguments = command.Arguments.Select(argument => argument.Name);
                Line($".SS {Escape(string.Join(' ', [.. Path(command), .. arguments]))}");
                Line(Escape(command.Description ?? ""));
                foreach (Argument argument in command.Arguments) Item(argument.Name, argument.Description ?? "");
                foreach (Option option in command.Options.Where(option => !option.Hidden)) Describe(option);
            }
            else if (symbol is Option option)
            {
                string names = string.Join(", ", option.Aliases.Prepend(option.Name));
                Item(option.HelpName is null ? names : $"{names} {option.HelpName}", option.Description ?? "");
            }
        }
    }

    /// <summary>The commands that do something, each with its parents before it.</summary>
    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => inner.Subcommands.Count > 0 ? Leaves(inner) : [inner]);

    private static IEnumerable<string> Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? [.. Path(parent), command.Name] : [command.Name];

    // A backslash begins an escape, a hyphen would be typeset as a dash, and a line that begins with a dot or an apostrophe is a request.
    private static string Escape(string text)
    {
        string escaped = text.ReplaceLineEndings(" ").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        escaped = string.Concat(escaped.EnumerateRunes().Select(rune => rune.Value < 128 ? rune.ToString() : $"\\[u{rune.Value:X4}]"));
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
