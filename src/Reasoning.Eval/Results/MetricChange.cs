using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Results;

/// <summary>A quantity before and after, with its paired difference.</summary>
public sealed class MetricChange
{
    private const double Level = 0.05;

    /// <summary>Pairs a quantity; <paramref name="seed"/> keys the bootstrap.</summary>
    internal MetricChange(Metric before, Metric after, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        Before = before;
        After = after;
        Difference = PairedComparison.Compare(before.PerProblem, after.PerProblem, seed);
    }

    public string Name => Before.Name;

    public Metric Before { get; }

    public Metric After { get; }

    public PairedDifference Difference { get; }

    /// <summary>The p-value after Holm's correction over everything that is printed together.</summary>
    public double CorrectedP { get; internal set; } = double.NaN;

    /// <summary>Corrects the p-values of what is printed together for being so many.</summary>
    /// <returns>The same.</returns>
    public static IReadOnlyList<MetricChange> Together(IReadOnlyList<MetricChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        double[] corrected = Holm.Adjust([.. changes.Select(change => change.Difference.PValue)]);
        foreach ((MetricChange change, double p) in changes.Zip(corrected)) change.CorrectedP = p;
        return changes;
    }

    /// <summary>Whether it rises at the 5 % level of everything that is printed together.</summary>
    public bool IsUp => CorrectedP < Level && Difference.Mean > 0;

    /// <summary>Whether it falls at that level.</summary>
    public bool IsDown => CorrectedP < Level && Difference.Mean < 0;

    /// <summary>Whether it asks for more than one answer, so that a sharper distribution alone cannot raise it.</summary>
    public bool IsOfSeveral => Name != "pass@1" && Name.Contains('@', StringComparison.Ordinal);
}
