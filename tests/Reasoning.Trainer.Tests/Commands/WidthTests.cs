using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>What is printed on terminals of 80, 100 and 120 columns: lines fit, and no word is cut or broken in two.</summary>
public sealed partial class WidthTests
{
    private static readonly int[] s_widths = [80, 100, 120];

    [Fact]
    public void Help_fits_and_keeps_its_words_at_every_width()
    {
        string[] commands = [.. HelpTests.Commands.Select(row => $"{row.Data} --help".Trim()), "train --help-settings", "recipes", "config show --recipe evol-rl", "config diff ttrl evol-rl"];
        foreach (string command in commands)
        {
            string[] args = command.Split(' ');
            string[] words = Words(Cli.OnTerminal(1000, args).Out);
            foreach (int width in s_widths)
            {
                Cli run = Cli.OnTerminal(width, args);
                Assert.Equal((command, 0), (command, run.ExitCode));
                Fits(command, width, run.Out);
                Assert.Equal(words.Order(), Words(run.Out).Order());
            }
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Help_looks_as_stored(int width)
    {
        string text = string.Concat(((string[])["--help", "train --help", "eval --help"]).Select(command =>
            $"$ reasoning {command}\n{Cli.OnTerminal(width, command.Split(' ')).Out.Replace($"  {RootCommand.ExecutableName} ", "  reasoning ")}\n"));
        Snapshot.Match($"help-{width}.txt", string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())));
    }

    [Fact]
    public void A_run_fits_and_keeps_its_words_at_every_width()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder);
        Dictionary<int, string> screens = [];
        foreach (int width in s_widths.Append(1000))
        {
            string run = folder.File($"run-{width}");
            string[] train = ["train", "--recipe", "zerosiam", "--model", TinyModel.Folder, "--prompts", prompts, "--steps", "2", "--out", run, .. Cli.Small];
            Cli trained = Cli.OnTerminal(width, train);
            Assert.True(trained.ExitCode == 0, trained.Error);
            string[] broken = ["train", "--lr", "3", "--out", run];
            string[][] others = [["inspect", run], ["inspect", run, "--prompt", "p1"], broken];
            screens[width] = Steady(trained.Error) + trained.Out + string.Concat(others.Select(args => Cli.OnTerminal(width, args)).Select(cli => Steady(cli.Error) + cli.Out));
        }

        foreach (int width in s_widths)
        {
            Fits("train", width, screens[width]);
            string[] left = [.. Words(screens[width]).Where(word => !word.Any(char.IsAsciiDigit))]; // numbers are times, and places have some
            Assert.Equal([], left.Except(Words(screens[1000]))); // fields may go, letters never
            Assert.Contains("ETA", screens[width]);
        }

        Assert.Contains("grad", screens[120]);
        Assert.DoesNotContain("grad ", StepLine(screens[80]));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void A_run_looks_as_stored(int width)
    {
        using var folder = new TempFolder();
        Cli run = Cli.OnTerminal(width, ["train", "--recipe", "evol-rl", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "1", "--out", folder.File("run"), "--set", "updates-per-rollout=1", .. Cli.Small]);
        // What names places, machine and hashes differs from one to the next; of the rest numbers do.
        bool isKept = false;
        var text = new StringBuilder();
        foreach (string line in Steady(run.Error).Split('\n'))
        {
            if (!line.StartsWith(' ')) isKept = Kept().IsMatch(line);
            if (isKept) text.Append(Numbers().Replace(line, "#")).Append('\n');
        }

        Snapshot.Match($"train-{width}.txt", text.ToString());
    }

    // Progress that the next line replaces is on no screen in the end.
    private static string Steady(string error) => string.Concat(error.Split('\n').Select(line => line[(line.LastIndexOf('\r') + 1)..] + "\n"));

    private static string StepLine(string screen) => screen.Split('\n').First(line => line.StartsWith("step 1/2", StringComparison.Ordinal));

    private static void Fits(string command, int width, string text)
    {
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            // A word that is longer than a line has one of its own.
            bool isOneWord = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(word => word.Length > width / 3);
            Assert.True(line.TrimEnd().Length <= width || isOneWord, $"{command} at {width}: {line.Length} columns: {line}");
        }
    }

    private static string[] Words(string text) => [.. text.Split((char[])[' ', '\n', '\r', '─'], StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("^(recipe|evaluates|novelty|learns|step|base model|adapted model|stop)")]
    private static partial Regex Kept();

    [GeneratedRegex(@"(?<=(vote|reward|grad|pass@1|truncated|ETA) )-?[0-9.,:]+|[0-9,]+(?= tok/s)")]
    private static partial Regex Numbers();
}
