using System.Text.RegularExpressions;

namespace Reasoning.Trainer.Tests;

public sealed class ReliabilityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        string page = File.ReadAllText(Repository.Path("docs/RELIABILITY.md"));
        string[] names = [.. Regex.Matches(page, "`([A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+){2,})`").Select(match => match.Groups[1].Value).Distinct().Where(name => name.Any(char.IsLower))];
        string tests = string.Concat(Directory.EnumerateFiles(Repository.Tests, "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.True(names.Length > 10);
        Assert.All(names, name => Assert.Contains($" {name}(", tests));
    }
}
