using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;

namespace Reasoning.Trainer.Tests;

/// <summary>Runs the program in this process and keeps what it printed.</summary>
internal sealed record Cli(int ExitCode, string Out, string Error)
{
    /// <summary>Settings that make any recipe finish in a moment on the tiny model.</summary>
    public static string[] Small { get; } =
    [
        "--set", "prompts-per-step=3", "--set", "samples-per-prompt=6", "--set", "max-new-tokens=16", "--set", "eval-samples=4", "--set",
        "eval-problems=4", "--set", "guard-agreement=0",
    ];

    /// <summary>The lines of <see cref="Error"/> that report errors.</summary>
    public string[] Errors => [.. Error.Split('\n').Where(line => line.StartsWith("error:", StringComparison.Ordinal))];

    public static Cli Run(params string[] args) => Feed("", args);

    /// <summary>With something on standard input.</summary>
    public static Cli Feed(string input, params string[] args) => Run(input, isTerminal: false, 100, args);

    /// <summary>With results that go to a terminal of so many columns, and something on standard input.</summary>
    public static Cli FeedOnTerminal(string input, params string[] args) => Run(input, isTerminal: true, 100, args);

    /// <summary>On a terminal of so many columns.</summary>
    public static Cli OnTerminal(int width, string[] args) => Run("", isTerminal: true, width, args);

    private static Cli Run(string input, bool isTerminal, int width, string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandLine.Run(args, new Terminal(output, error, new StringReader(input), isInteractive: isTerminal, width, isTerminal), default);
        return new Cli(code, output.ToString(), error.ToString());
    }

    /// <summary>Trains the tiny model with small settings.</summary>
    public static Cli Train(TempFolder folder, string recipe, string name, params string[] more) =>
        Run(
            ["train", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", folder.File(name),
            .. Small, .. more]);

    /// <summary>The one error line of bad input.</summary>
    public string BadInput()
    {
        Assert.True(ExitCode == 2, $"exit code {ExitCode}: {Error}");
        return Assert.Single(Errors);
    }
}
