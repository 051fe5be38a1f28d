using System.CommandLine;
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
        "", "train", "compare", "eval", "sample", "score", "tokenize", "chat", "grade", "export", "inspect", "report", "pretrain", "recipes", "config show", "doctor",
        "verify-resume",
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
    public void The_help_of_train_explains_every_setting()
    {
        string help = Cli.Run("train", "--help").Out;
        Assert.All(Setting.All, setting => Assert.Contains(setting.Name, help));
    }

    [Theory]
    [InlineData("serve")]
    public void Commands_that_do_not_exist_are_not_offered(string command)
    {
        Assert.DoesNotContain($"  {command}", Cli.Run("--help").Out);
        Cli.Run(command).BadInput();
    }
}
