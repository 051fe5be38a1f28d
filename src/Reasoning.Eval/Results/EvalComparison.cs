
namespace Reasoning.Eval.Results;

/// <summary>Two evaluations of the same prompts with the same settings.</summary>
public sealed class EvalComparison
{
    /// <summary>Pairs two evaluations.</summary>
    /// <param name="name">Name of the prompt set, for the table.</param>
    /// <param name="before">The start model.</param>
    /// <param name="after">The adapted model.</param>
    /// <param name="matched">The start model at the temperature at which it is as certain as the adapted one (<see cref="TemperatureMatch"/>); null where not measured.</param>
    /// <exception cref="ArgumentException">Prompts or settings differ: the numbers are not comparable.</exception>
    public EvalComparison(string name, EvalResult before, EvalResult after, EvalResult? matched = null)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        RequireComparable(before, after);
        if (matched is not null) RequireComparable(before, matched with { Settings = matched.Settings with { Temperature = before.Settings.Temperature } });
        Name = name;
        Before = EvalSummary.Of(before);
        After = EvalSummary.Of(after);
        Changes = ChangesFrom(Before);
        VoteShare = new MetricChange(Before.VoteShare, After.VoteShare, before.Settings.Seed);
        if (matched is not null)
        {
            Matched = EvalSummary.Of(matched);
            OverMatched = ChangesAndShareFrom(Matched);
        }

        if (Vote(Before) is { } vote && After.Find("greedy") is { } greedy)
        {
            if (Matched is not null && Vote(Matched) is { } other && other.Estimate.Value > vote.Estimate.Value) vote = other;
            GreedyOverVote = new MetricChange(vote, greedy, before.Settings.Seed);
        }

        Together([this]);
    }

    public string Name { get; }

    /// <summary>Numbers of the start model.</summary>
    public EvalSummary Before { get; }

    /// <summary>Numbers of the adapted model.</summary>
    public EvalSummary After { get; }

    /// <summary>Each accuracy with its paired difference; empty without gold answers.</summary>
    public IReadOnlyList<MetricChange> Changes { get; }

    /// <summary>Vote share with its paired difference; it needs no gold answers and says nothing about being right.</summary>
    public MetricChange VoteShare { get; }

    /// <summary>
    /// Numbers of the start model, sampled at the temperature at which it is as certain as the adapted model: what a change of temperature does
    /// without any training. Null where it was not measured.
    /// </summary>
    public EvalSummary? Matched { get; }

    /// <summary>Each accuracy and the vote share of the adapted model against <see cref="Matched"/>; no greedy one, which has no temperature.</summary>
    public IReadOnlyList<MetricChange> OverMatched { get; } = [];

    /// <summary>
    /// The adapted model's greedy answer against the start model's vote (the better of two where <see cref="Matched"/> was measured), which
    /// greedy decoding moves to as a distribution sharpens; null where either was not measured.
    /// </summary>
    public MetricChange? GreedyOverVote { get; }

    /// <summary>Corrects the p-values of comparisons that are printed together for being so many.</summary>
    /// <returns>The same comparisons.</returns>
    public static IReadOnlyList<EvalComparison> Together(IReadOnlyList<EvalComparison> comparisons)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        MetricChange.Together([.. comparisons.SelectMany(one => one.Tests)]);
        return comparisons;
    }

    /// <summary>Each accuracy and the vote share of this adapted model against those of another, by problem; not corrected for being many.</summary>
    /// <exception cref="ArgumentException">The two answered other prompts, or with other settings.</exception>
    public IReadOnlyList<MetricChange> Over(EvalComparison other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.After.Settings.DifferenceFrom(After.Settings) is { } difference) throw new ArgumentException(difference);
        return ChangesAndShareFrom(other.After);
    }

    private IEnumerable<MetricChange> Tests => [.. Changes, VoteShare, .. OverMatched, .. GreedyOverVote is { } greedy ? [greedy] : (MetricChange[])[]];

    private IReadOnlyList<MetricChange> ChangesFrom(EvalSummary start) =>
    [
        .. start.Accuracies
            .Where(metric => After.Find(metric.Name) is not null)
            .Select(metric => new MetricChange(metric, After.Find(metric.Name)!, start.Settings.Seed)),
    ];

    private IReadOnlyList<MetricChange> ChangesAndShareFrom(EvalSummary start) =>
        [.. ChangesFrom(start), new MetricChange(start.VoteShare, After.VoteShare, start.Settings.Seed)];

    private static Metric? Vote(EvalSummary summary) => summary.Accuracies.LastOrDefault(metric => metric.TieRate is not null);

    private static void RequireComparable(EvalResult before, EvalResult after)
    {
        if (before.Settings.DifferenceFrom(after.Settings) is { } difference) throw new ArgumentException(difference);
        if (!Keys(before).SequenceEqual(Keys(after))) throw new ArgumentException("the evaluated prompts or their gold answers differ");

        static IEnumerable<(string, string?)> Keys(EvalResult result) => result.Problems.Select(problem => (problem.PromptId, problem.Gold));
    }
}
