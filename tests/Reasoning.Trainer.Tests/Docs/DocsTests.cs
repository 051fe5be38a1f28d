using System.Text.RegularExpressions;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>What pages say of the checkout is true of it.</summary>
public sealed partial class DocsTests
{
    private static readonly string[] s_folders = ["src", "tests", "docs", "data", "checkpoints", "bench", "scripts", "build", "shared", ".ci"];

    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(Path.Combine(Repository.Tests, "..", "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Append("README.md").Append("bench/RESULTS.md").Order()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_path_and_link_of_a_page_leads_somewhere(string page)
    {
        string root = Repository.Path("."), text = File.ReadAllText(Path.Combine(root, page)), folder = Path.GetDirectoryName(Path.Combine(root, page))!;
        foreach (string link in Links().Matches(text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
            Assert.True(Path.Exists(Path.Combine(folder, link.Split('#')[0])), $"{page}: {link}");
        foreach (string path in Paths().Matches(text).Select(match => match.Groups[1].Value).Where(path => s_folders.Contains(path.Split('/')[0])))
            Assert.True(Path.Exists(Path.Combine(root, path.TrimEnd('/'))) || path.Contains('*', StringComparison.Ordinal) || path.Contains("-N/", StringComparison.Ordinal), $"{page}: {path} is not in the checkout");
    }

    /// <summary>What stopped people who read it for the first time; each has a plain form now.</summary>
    [Fact]
    public void No_page_help_or_setting_says_what_stopped_strangers()
    {
        string[] phrases =
        [
            "Whose word", "shifted problems half", "pay with pass@16", "held to the detached", "novelty varies", "are switches of it", "harmless, or refused",
            "page of verbs", "came out alike", "long as they take as we do", "What others make of it", "A failure in passing", "the cure of", "is not left",
            "an own one", "first so many", "one word too many", "once more to end", "proves the effect",
        ];
        IEnumerable<string> pages = Pages.Where(row => row.Data is not "docs/LOG.md").Select(row => File.ReadAllText(Repository.Path(row.Data)));
        IEnumerable<string> help = Commands.HelpTests.Commands.Select(row => Cli.Run([.. $"{row.Data} --help".Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Out);
        string text = Spaces().Replace(string.Join('\n', [.. pages, .. help, Cli.Run("train", "--help-settings").Out, Cli.Run("recipes").Out]), " ");
        Assert.All(phrases, phrase => Assert.DoesNotContain(phrase, text, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    // A path in backticks, or the first word of a command in them.
    [GeneratedRegex(@"`([A-Za-z.][A-Za-z0-9._-]*/[A-Za-z0-9._/*-]+)[` ]")]
    private static partial Regex Paths();
}
