using System.Text;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class MetricsPageTests
{
    private const string Before = """
        # Methods and metrics

        *Generated from the declarations in `src/Reasoning.Trainer/Methods` and `src/Reasoning.Trainer/Runs/Metrics.cs`; to write it anew:
        `REASONING_REWRITE_DOCS=1 dotnet test -c Release tests/Reasoning.Trainer.Tests --filter MetricsPage`.*

        `metrics.jsonl` in the folder of a run has one JSON object per step with the step's prompts and the numbers below. "agrees" means equal to
        the vote, "correct" equal to the gold answer; what compares with gold answers is logged where a prompt has one, and never trained on.
        A number that was not measured in a step is left out.

        A new method is a file beside the others (`Tent.cs` is the shortest), a word in `Catalogue.cs`, and a recipe that names it as `objective`;
        `OwnMethodTests.cs` has one that does everything a method can do.

        ## Every run


        """;

    /// <summary>To accept a change, run this with REASONING_REWRITE_DOCS=1.</summary>
    [Fact]
    public void Docs_metrics_md_is_what_the_declarations_say()
    {
        var page = new StringBuilder(Before.ReplaceLineEndings("\n"));
        Table(page, Metrics.Common);
        foreach (MethodDeclaration method in Catalogue.Shipped.Methods)
        {
            page.Append($"\n## {method.Name}\n\n{method.Summary} Source: {method.Source}.\n\n");
            IEnumerable<Setting> settings = Setting.All.Where(
                setting => setting.Group == SettingGroup.Own && setting.Concerns(new Recipe { Objective = method }));
            page.Append("| Setting | Default | Allowed | Unit | Effect |\n|---|---|---|---|---|\n");
            foreach (Setting setting in settings)
                page.Append($"| `{setting.Name}` | {setting.Default} | {setting.Range.Replace("|", "\\|")} | {setting.Unit} | {setting.Effect} |\n");
            if (method.Metrics.Count == 0) continue;
            page.Append('\n');
            Table(page, method.Metrics);
        }

        string file = Repository.Path("docs/metrics.md");
        if (Environment.GetEnvironmentVariable("REASONING_REWRITE_DOCS") == "1") File.WriteAllText(file, page.ToString());
        Assert.Equal(page.ToString(), File.ReadAllText(file));
    }

    private static void Table(StringBuilder page, IReadOnlyList<Metric> metrics)
    {
        page.Append("| Metric | Unit | Better | Meaning |\n|---|---|---|---|\n");
        foreach (Metric metric in metrics) page.Append($"| `{metric.Name}` | {metric.Unit} | {metric.Better} | {metric.Meaning} |\n");
    }
}
