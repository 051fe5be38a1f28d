using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Runs;

public sealed class JsonLinesTests
{
    [Fact]
    public void Lines_after_a_step_and_a_torn_last_line_are_removed()
    {
        using var folder = new TempFolder();
        string file = folder.Write("a.jsonl", "{\"step\":1,\"x\":\"ä\"}\n{\"step\":2}\n{\"step\":2}\n{\"step\":3}\n{\"step\":10,\"to");

        JsonLines.CutAfter(file, 2);
        Assert.Equal("{\"step\":1,\"x\":\"ä\"}\n{\"step\":2}\n{\"step\":2}\n", File.ReadAllText(file));
        JsonLines.CutAfter(file, 0);
        Assert.Equal("", File.ReadAllText(file));
    }

    [Fact]
    public void A_metric_that_is_not_registered_cannot_be_logged() =>
        Assert.Throws<ArgumentException>(() => new Meter().Set(new Metric("made_up", "", "none", ""), 1));

    [Fact]
    public void Every_metric_has_a_unit_a_meaning_and_a_direction()
    {
        Assert.All(Catalogue.Current.Metrics, metric =>
        {
            Assert.NotEmpty(metric.Unit);
            Assert.EndsWith(".", metric.Meaning);
            Assert.Contains(metric.Better, (string[])["up", "down", "none"]);
        });
    }
}
