using System.Text;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class MetricsPageTests
{
    private const string Before = """
        # Methods and metrics

        *Generated from the declarations in `src/Reasoning.Trainer/Methods`, `RewardRules` and `Measures/Metrics.cs` beside it; to write it anew:
        `REASONING_REWRITE_DOCS=1 dotnet test -c Release tests/Reasoning.Trainer.Tests --filter MetricsPage`.*

        `metrics.jsonl` in the folder of a run has one JSON object per step with the step's prompts and the numbers below. "agrees" means equal to
        the vote, "correct" equal to the gold answer; what compares with gold answers is logged where a prompt has one, and never trained on.
        A number that was not measured in a step is left out.

        A new method is a file beside the others (`Tent.cs` is the shortest), a word in `Shipped.cs`, and a recipe that names it as `objective`;
        `OwnMethodTests.cs` has one that does everything a method can do. A new reward is a file in `RewardRules` and a line in `RewardKind.cs`.

        ## Every run


        """;

    /// <summary>To accept a change, run this with REASONING_REWRITE_DOCS=1.</summary>
    [Fact]
    public void Docs_metrics_md_is_what_the_declarations_say()
    {
        var page = new StringBuilder(Before.ReplaceLineEndings("\n"));
        Table(page, Metrics.Common);
        foreach (Objective method in Catalogue.Shipped.Objectives)
        {
            page.Append($"\n## {method.Name}\n\n{method.Summary} Source: {method.Source}.\n");
            Declared(page, method.Settings, method.Metrics);
        }

        page.Append("\n# Rewards\n");
        foreach (Reward reward in RewardKind.All.Where(reward => reward != Reward.None))
        {
            page.Append($"\n## {reward.Name}\n\n{reward.Summary} Source: {reward.Source}.\n");
            Declared(page, reward.Settings, reward.Metrics);
        }

        string file = Repository.Path("docs/metrics.md");
        if (Environment.GetEnvironmentVariable("REASONING_REWRITE_DOCS") == "1") File.WriteAllText(file, page.ToString());
        Assert.Equal(page.ToString(), File.ReadAllText(file));
    }

    private static void Declared(StringBuilder page, IReadOnlyList<MethodSettings> own, IReadOnlyList<Metric> metrics)
    {
        Setting[] settings = [.. Setting.All.Where(setting => setting.IsOf(own))];
        if (settings.Length > 0) page.Append("\n| Setting | Default | Allowed | Unit | Effect |\n|---|---|---|---|---|\n");
        foreach (Setting setting in settings)
            page.Append($"| `{setting.Name}` | {setting.Default} | {setting.Range.Replace("|", "\\|")} | {setting.Unit} | {setting.Effect} |\n");
        if (metrics.Count == 0) return;
        page.Append('\n');
        Table(page, metrics);
    }

    private static void Table(StringBuilder page, IReadOnlyList<Metric> metrics)
    {
        page.Append("| Metric | Unit | Better | Meaning |\n|---|---|---|---|\n");
        foreach (Metric metric in metrics) page.Append($"| `{metric.Name}` | {metric.Unit} | {metric.Better} | {metric.Meaning} |\n");
    }
}
