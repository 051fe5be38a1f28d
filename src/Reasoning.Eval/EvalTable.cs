using System.Text;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;

namespace Reasoning.Eval;

/// <summary>Renders evaluations as plain text of at most 80 columns. Every number stands with its settings and its interval.</summary>
public static class EvalTable
{
    private const int Width = 80;
    private const string Legend = "Percent; 95 % intervals: ± over problems, [ ] paired difference; p: sign flips, after Holm's correction for all rows here.";

    /// <summary>Base, adapted and paired difference for each prompt set, with a verdict.</summary>
    public static string Render(IReadOnlyList<EvalComparison> comparisons)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        var text = new StringBuilder();
        foreach (EvalComparison comparison in comparisons)
        {
            Head(text, comparison.Name, comparison.Before);
            EvalSummary before = comparison.Before, after = comparison.After;
            if (before.Model is not null) Line(text, $"  base:    {before.Model}");
            if (after.Model is not null) Line(text, $"  adapted: {after.Model}");
            Line(text, $"  truncated {Figures.Percent(before.TruncationRate)} → {Figures.Percent(after.TruncationRate)} %, unparsed {Figures.Percent(before.UnparsedRate)} → "
                + $"{Figures.Percent(after.UnparsedRate)} %, mean length {before.MeanLength:0} → {after.MeanLength:0} tokens");
            Line(text, $"  {"",-11}{"base",-14}{"adapted",-14}{"difference",-24}{"p",6}");
            foreach (MetricChange change in comparison.Changes) Row(text, change);
            Row(text, comparison.VoteShare);
            if (comparison.Changes.LastOrDefault(change => change.Before.TieRate is not null) is { } majority)
                Line(text, $"  ties in {majority.Name}: {Figures.Percent(majority.Before.TieRate!.Value)} → {Figures.Percent(majority.After.TieRate!.Value)} %");
            if (before.Measures.Count > 0)
                Wrapped(text, string.Join(", ", before.Measures.Zip(after.Measures, (one, two) => one.To(two))));
            if (after.Overlap is { } overlap)
                Line(text, $"  of these prompts {overlap.Equal} are target prompts, {overlap.Shared} share {PromptOverlap.Words} words in a row with one");
            if (comparison.Matched is { } matched)
            {
                Line(text, FormattableString.Invariant(
                    $"  base, temperature matched: T={matched.Settings.Temperature} ({matched.TokenEntropy:0.000} nats a token; adapted {after.TokenEntropy:0.000})"));
                foreach (MetricChange change in comparison.OverMatched) Row(text, change);
            }

            Wrapped(text, "→ " + Verdict.Of(comparison).Text);
            text.Append('\n');
        }
        Wrapped(text, Legend);
        return text.ToString();
    }

    /// <summary>One evaluation.</summary>
    public static string Render(string name, EvalSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder();
        Head(text, name, summary);
        if (summary.Model is not null) Line(text, $"  model: {summary.Model}");
        Line(text, $"  truncated {Figures.Percent(summary.TruncationRate)} %, unparsed {Figures.Percent(summary.UnparsedRate)} %, mean length {summary.MeanLength:0} tokens");
        Line(text, $"  {"",-11}{"%",6}  95 % interval");
        foreach (Metric metric in summary.Accuracies.Append(summary.VoteShare))
        {
            string ties = metric.TieRate is { } rate ? $"   ties {Figures.Percent(rate)} %" : "";
            Estimate estimate = metric.Estimate;
            Line(text, $"  {metric.Name,-11}{Figures.Percent(estimate.Value),6}  [{Figures.Percent(estimate.Low),5}, {Figures.Percent(estimate.High),5}]{ties}");
        }

        if (summary.Measures.Count > 0) Wrapped(text, string.Join(", ", summary.Measures.Select(measure => $"{measure.Name} {measure}")));
        return text.ToString();
    }

    private static void Head(StringBuilder text, string name, EvalSummary summary)
    {
        string gold = summary.WithGold == summary.Problems ? "" : $" ({summary.WithGold} with gold answer)";
        string refused = summary.Refused == 0 ? "" : $", {summary.Refused} refused as too long";
        string hash = summary.Settings.PromptsHash;
        Line(text, $"{name}: {summary.Problems} problems{gold}{refused}, prompts {hash[..Math.Min(8, hash.Length)]}");
        Line(text, "  " + summary.Settings.Describe());
    }

    private static void Row(StringBuilder text, MetricChange change)
    {
        PairedDifference difference = change.Difference;
        string interval = $"{Figures.Signed(difference.Mean),6} [{Figures.Signed(difference.Low),6}, {Figures.Signed(difference.High),6}]";
        Line(text, $"  {change.Name,-11}{Cell(change.Before),-14}{Cell(change.After),-14}{interval,-24}{Figures.PValue(change.CorrectedP),6}");
    }

    private static string Cell(Metric metric) => $"{Figures.Percent(metric.Estimate.Value),5} ± {Figures.Percent(metric.Estimate.HalfWidth),4}";

    private static void Line(StringBuilder text, string line) => text.Append(line.TrimEnd()).Append('\n');

    private static void Wrapped(StringBuilder text, string sentence)
    {
        int column = 0;
        foreach (string word in sentence.Split(' '))
        {
            if (column > 0 && column + 1 + word.Length > Width - 2)
            {
                text.Append("\n    ").Append(word);
                column = 2 + word.Length;
                continue;
            }
            text.Append(column == 0 ? "  " : " ").Append(word);
            column += word.Length + (column == 0 ? 0 : 1);
        }
        text.Append('\n');
    }
}
