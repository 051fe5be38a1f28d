namespace Reasoning.Trainer.Reports;

/// <summary>
/// Curves of long runs: of more than <see cref="Most"/> points every one of <see cref="Spans"/> equal spans of steps keeps its smallest and its
/// largest, and the curve its first and last point. No peak is lost, and nothing is averaged.
/// </summary>
internal static class Thinning
{
    public const int Spans = 200;
    public const int Most = 2 * Spans;

    /// <summary>The rule for people.</summary>
    public static string Rule { get; } = $"Curves of more than {Most} steps show the smallest and the largest value of each of {Spans} equal spans.";

    /// <param name="points">In the order of their steps.</param>
    public static IReadOnlyList<(int Step, double Value)> Of(IReadOnlyList<(int Step, double Value)> points)
    {
        if (points.Count <= Most) return points;
        int first = points[0].Step;
        double width = (points[^1].Step - first + 1.0) / Spans;
        return
        [
            .. points.GroupBy(point => (int)((point.Step - first) / width))
                .SelectMany(span => ((int Step, double Value)[])[span.MinBy(point => point.Value), span.MaxBy(point => point.Value)])
                .Prepend(points[0]).Append(points[^1]).Distinct().OrderBy(point => point.Step),
        ];
    }
}
