using System.CommandLine;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>
/// The help texts are part of the interface: a change shows as a difference from the stored text. To accept one, run the tests with
/// REASONING_ACCEPT_SNAPSHOTS=1.
/// </summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands =>
    [
        "", "train", "compare", "eval", "sample", "score", "contamination", "tokenize", "chat", "grade", "export", "inspect", "report", "pretrain", "recipes", "config show", "config diff", "doctor",
        "verify-resume", "completion", "man", "pull",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_is_as_stored(string command)
    {
        Cli help = Cli.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, help.ExitCode);
        string text = string.Join('\n', help.Out.Replace($"  {RootCommand.ExecutableName} ", "  reasoning ").ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd() + "\n";
        Snapshot.Match((command.Length == 0 ? "reasoning" : command.Replace(' ', '-')) + ".help.txt", text);
    }

    [Fact]
    public void Every_setting_is_explained_behind_an_option_of_its_own()
    {
        string help = Cli.Run("train", "--help-settings").Out;
        Assert.All(Setting.All, setting => Assert.Contains($"    {setting.Name} ", help));
        Assert.DoesNotContain("Default: .", help);
        Assert.Equal(help, Cli.Run("compare", "--help-settings").Out); // also where a required option is missing
        Assert.DoesNotContain("learning-rate  ", Cli.Run("train", "--help").Out);
    }

    [Fact]
    public void Every_example_is_a_command_that_can_be_given()
    {
        Trainer.Cli.Terminal terminal = new(TextWriter.Null, TextWriter.Null, TextReader.Null, false, 100);
        RootCommand root = CommandLine.Commands(terminal, default);
        string[] commands = [.. HelpTests.Commands.Select(row => row.Data.Split(' ')[^1])];
        Assert.Empty(HelpText.Examples.Keys.Except(commands).Except(["reasoning"]));
        foreach (string example in HelpText.Examples.Values.SelectMany(examples => examples))
        {
            string given = example[example.IndexOf("reasoning ", StringComparison.Ordinal)..].Split(" > ")[0]["reasoning ".Length..];
            Assert.Empty(root.Parse(given).Errors);
            Assert.True(example.Length <= 78, example);
        }
    }

    [Theory]
    [InlineData("serve")]
    public void Commands_that_do_not_exist_are_not_offered(string command)
    {
        Assert.DoesNotContain($"  {command}", Cli.Run("--help").Out);
        Cli.Run(command).BadInput();
    }
}
