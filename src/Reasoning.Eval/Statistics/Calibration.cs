namespace Reasoning.Eval.Statistics;

/// <summary>How far a confidence is from the share of cases in which it is right.</summary>
public static class Calibration
{
    /// <summary>Bins of equal width.</summary>
    public const int Bins = 10;

    /// <summary>
    /// The expected calibration error (arXiv:1706.04599, section 2): over bins of the confidence, the distance between mean confidence and mean
    /// correctness, weighed by the cases in the bin. 0 is perfect, 1 the worst. With few cases it is too large on average.
    /// </summary>
    /// <param name="cases">Confidence and correctness, both between 0 and 1.</param>
    /// <returns>NaN without cases.</returns>
    public static double Error(IReadOnlyList<(double Confidence, double Correct)> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (cases.Count == 0) return double.NaN;
        return cases.GroupBy(one => Math.Min((int)(one.Confidence * Bins), Bins - 1))
            .Sum(bin => Math.Abs(bin.Sum(one => one.Confidence) - bin.Sum(one => one.Correct))) / cases.Count;
    }
}
