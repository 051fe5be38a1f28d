using MathNet.Numerics.Distributions;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// 95 % intervals for means over problems. The problem is the unit: answers to the same problem are not independent, so the interval comes
/// from the spread of the problems' means and speaks about new problems of the same kind.
/// </summary>
internal static class Intervals
{
    /// <summary>Draws of a bootstrap.</summary>
    public const int BootstrapDraws = 10_000;

    internal const double Level = 0.95;

    /// <summary>
    /// Mean ± t × std / √P with P − 1 degrees of freedom, for scores between 0 and 1. Where all problems score 0, or all score 1, the
    /// spread is no guide; then the Wilson interval for P trials is given. A single problem has the interval [0, 1].
    /// </summary>
    /// <exception cref="ArgumentException">No problems.</exception>
    public static Estimate Clustered(IReadOnlyList<double> scores)
    {
        (double mean, double error) = MeanAndError(scores);
        int problems = scores.Count;
        if (problems == 1) return new Estimate(mean, 0, 1, double.NaN, 1);
        if (error == 0 && mean is 0 or 1)
        {
            Estimate wilson = Wilson((int)mean * problems, problems);
            return wilson with { StandardError = 0 };
        }
        double half = StudentT.InvCDF(0, 1, problems - 1, (1 + Level) / 2) * error;
        return new Estimate(mean, Math.Max(0, mean - half), Math.Min(1, mean + half), error, problems);
    }

    /// <summary>Wilson's score interval for a share of independent trials, such as one run with one answer for each problem.</summary>
    public static Estimate Wilson(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        double z = Normal.InvCDF(0, 1, (1 + Level) / 2), p = (double)successes / trials, zz = z * z / trials;
        double centre = (p + (zz / 2)) / (1 + zz);
        double half = z / (1 + zz) * Math.Sqrt((p * (1 - p) / trials) + (zz / (4 * trials)));
        double low = successes == 0 ? 0 : centre - half, high = successes == trials ? 1 : centre + half;
        return new Estimate(p, low, high, Math.Sqrt(p * (1 - p) / trials), trials);
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

    /// <summary>Ends of a percentile bootstrap over problems; a function of the scores and the seed.</summary>
    internal static (double Low, double High) BootstrapEnds(IReadOnlyList<double> scores, ulong seed, int draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        double[] values = [.. scores], means = new double[draws];
        for (int draw = 0; draw < draws; draw++)
        {
            var stream = new KeyedStream(seed, BootstrapLane, (ulong)draw);
            double sum = 0;
            for (int i = 0; i < values.Length; i++) sum += values[stream.NextInt(values.Length)];
            means[draw] = sum / values.Length;
        }
        Array.Sort(means);
        return (Quantile(means, (1 - Level) / 2), Quantile(means, (1 + Level) / 2));
    }

    private const ulong BootstrapLane = 0x626F6F74;

    // Linear between order statistics.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below]));
    }
}
