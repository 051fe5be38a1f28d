using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;

namespace Reasoning.Bench.Tests;

public sealed class HarnessTests
{
    [Fact]
    public void Sides_take_turns_and_keep_the_seconds_of_every_round()
    {
        var order = new List<string>();
        Contestant Side(string name, double seconds) => new(name, () =>
        {
            order.Add(name);
            return seconds;
        });
        double[][] found = Contest.Run(2, [Side("a", 1), Side("b", 3)]);
        Assert.Equal(["a", "b", "a", "b", "a", "b"], order);
        Assert.Equal([1.0, 1.0], found[0]);
        Assert.Equal([3.0, 3.0], found[1]);
        Assert.Equal("3.00× (3.00–3.00)", Stats.Ratio(found[0], found[1]).Text);
    }

    [Fact]
    public void The_median_of_pairs_is_not_the_ratio_of_medians()
    {
        double[] ratios = Stats.Ratios([1, 10, 2], [2, 10, 8]);
        Assert.Equal([2.0, 1.0, 4.0], ratios);
        Assert.Equal("2.00× (1.00–4.00)", Stats.Ratio(ratios).Text);
    }

    [Theory]
    [InlineData(12.345, "12.35 s")]
    [InlineData(0.0123, "12.30 ms")]
    [InlineData(0.0000123, "12.3 µs")]
    public void Durations_have_the_unit_that_suits_them(double seconds, string text) => Assert.Equal(text, Stats.Time(seconds).Text);

    [Fact]
    public void A_section_of_the_results_is_replaced_and_what_people_wrote_around_it_stays()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("RESULTS.md", "# Results\n\nbefore\n\n<!-- gemm -->\nold\n<!-- /gemm -->\n\nafter\n");
        ResultsFile.Write(file, "gemm", "new\n");
        Assert.Equal("# Results\n\nbefore\n\n<!-- gemm -->\nnew\n<!-- /gemm -->\n\nafter\n", File.ReadAllText(file));
        ResultsFile.Write(file, "train", "more\n");
        Assert.EndsWith("after\n\n<!-- train -->\nmore\n<!-- /train -->\n", File.ReadAllText(file));
    }

    [Fact]
    public void A_report_becomes_a_table_with_its_notes_each_once()
    {
        var report = new Report("gemm", "a title", TextWriter.Null);
        report.Columns("shape", "ours");
        report.Row("1 × 1", "2");
        report.Note("a note");
        report.Note("a note");
        string text = report.Markdown("2026-01-01 · a machine");
        Assert.Contains("## gemm: a title", text);
        Assert.Contains("| shape | ours |\n|---|---|\n| 1 × 1 | 2 |\n", text);
        Assert.Equal(text.IndexOf("- a note", StringComparison.Ordinal), text.LastIndexOf("- a note", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_becomes_a_line_of_JSON_with_numbers_where_it_has_some()
    {
        var report = new Report("train", "a title", TextWriter.Null);
        report.Columns("model", "ours");
        report.Row("25 M", Stats.Time(0.5));
        JsonNode line = JsonNode.Parse(Assert.Single(report.JsonLines()))!;
        Assert.Equal("train", (string)line["bench"]!);
        Assert.Equal("25 M", (string)line["model"]!);
        Assert.Equal(0.5, (double)line["ours"]!);
    }
}
