namespace Reasoning.Trainer.Tests.Docs;

public sealed class RealModelsPageTests
{
    public static TheoryData<string> Commands => [.. File.ReadLines(Repository.Path("docs/real-models.md")).Where(line => line.StartsWith("reasoning ", StringComparison.Ordinal))];

    /// <summary>Without the models: every option is one of the command's, and the settings fit together.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_of_the_page_is_understood(string command)
    {
        string[] words = command.Split(' ');
        string help = Cli.Run(words[1], "--help").Out;
        Assert.All(words.Where(word => word.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains(option, help, StringComparison.Ordinal));
        if (words[1] != "train") return;

        IEnumerable<string> settings = words.Index().Where(word => word.Item is "--set" or "--recipe").SelectMany(word => new[] { word.Item, words[word.Index + 1] });
        Cli shown = Cli.Run(["config", "show", .. settings]);
        Assert.True(shown.ExitCode == 0, shown.Error);
    }
}
