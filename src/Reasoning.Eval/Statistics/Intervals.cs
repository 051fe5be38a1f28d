using MathNet.Numerics.Distributions;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// 95 % intervals for means over problems. The problem is the unit: answers to the same problem are not independent, so the interval comes
/// from the spread of the problems' means and speaks about new problems of the same kind.
/// </summary>
internal static class Intervals
{
    /// <summary>Problems below which the spread of what they carry says nothing.</summary>
    private const int Few = 12;

    private const double Near = 0.05;

    private const double Level = 0.95;
    private static readonly double s_normal = Normal.InvCDF(0, 1, (1 + Level) / 2);

    /// <summary>
    /// Wilson's score interval for scores between 0 and 1, with Student's t for P − 1 degrees of freedom and as many trials as the spread of the
    /// problems' scores is worth: mean (1 − mean) / error². In the middle of the scale that is mean ± t × std / √P; near its ends it stays
    /// inside and leans to the middle. Within <see cref="Near"/> of an end, or where all that is away from an end comes from fewer than
    /// <see cref="Few"/> problems, the spread is no guide, and the trials are the problems. A single problem has the interval [0, 1].
    /// </summary>
    /// <exception cref="ArgumentException">No problems.</exception>
    public static Estimate Clustered(IReadOnlyList<double> scores)
    {
        (double mean, double error) = MeanAndError(scores);
        int problems = scores.Count;
        if (problems == 1) return new Estimate(mean, 0, 1, double.NaN, 1);
        double carriers = Math.Min(Carriers(scores), Carriers([.. scores.Select(score => 1 - score)]));
        bool few = Math.Min(mean, 1 - mean) < Near || carriers < Math.Min(Few, problems / 2.0);
        if (error == 0 && !few) return new Estimate(mean, mean, mean, 0, problems);
        (double low, double high) = few
            ? Wilson(mean, problems, s_normal)
            : Wilson(mean, mean * (1 - mean) / (error * error), StudentT.InvCDF(0, 1, problems - 1, (1 + Level) / 2));
        return new Estimate(mean, low, high, error, problems);
    }

    /// <summary>Mean ± t × std / √P with P − 1 degrees of freedom, for means that have no ends.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="error">Its standard error.</param>
    /// <param name="problems">At least 2.</param>
    public static (double Low, double High) StudentEnds(double mean, double error, int problems)
    {
        double half = StudentT.InvCDF(0, 1, problems - 1, (1 + Level) / 2) * error;
        return (mean - half, mean + half);
    }

    /// <summary>Wilson's score interval for a share of independent trials, z standard deviations wide.</summary>
    internal static (double Low, double High) Wilson(double share, double trials, double z)
    {
        double zz = z * z / trials, centre = (share + (zz / 2)) / (1 + zz);
        double half = z / (1 + zz) * Math.Sqrt((share * (1 - share) / trials) + (zz / (4 * trials)));
        return (share == 0 ? 0 : centre - half, share == 1 ? 1 : centre + half);
    }

    /// <summary>
    /// The part of the standard error that more samples of the same problems would remove: √(Σ p̂ (1 − p̂) / (n − 1)) / P. It says how
    /// repeatable the number is on this very set of problems. NaN for one sample.
    /// </summary>
    /// <param name="shares">Share of correct answers for each problem.</param>
    /// <param name="n">Samples for each problem.</param>
    public static double SamplingError(IReadOnlyList<double> shares, int n)
    {
        ArgumentNullException.ThrowIfNull(shares);
        if (n < 2 || shares.Count == 0) return double.NaN;
        return Math.Sqrt(shares.Sum(p => p * (1 - p) / (n - 1))) / shares.Count;
    }

    /// <summary>How many problems a sum comes from: (Σ s)² / Σ s², their number where all contribute the same.</summary>
    private static double Carriers(IReadOnlyList<double> scores)
    {
        double sum = scores.Sum();
        return sum == 0 ? 0 : sum * sum / scores.Sum(score => score * score);
    }

    internal static (double Mean, double Error) MeanAndError(IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0) throw new ArgumentException("an interval needs at least one problem", nameof(scores));
        double low = scores.Min(), high = scores.Max();
        if (low == high) return (low, 0);
        double mean = scores.Average();
        double squares = scores.Sum(score => (score - mean) * (score - mean));
        return (mean, Math.Sqrt(squares / (scores.Count - 1) / scores.Count));
    }
}
