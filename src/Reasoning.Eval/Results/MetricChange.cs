using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Results;

/// <summary>A quantity before and after, with its paired difference.</summary>
public sealed class MetricChange
{
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

    /// <summary>Whether it measures one sampled answer, which a sharper distribution alone can raise.</summary>
    public bool IsSampledSingle => Name == "pass@1";
}
