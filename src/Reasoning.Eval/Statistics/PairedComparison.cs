using MathNet.Numerics.Distributions;
using Reasoning.Models.Random;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// Compares two evaluations problem by problem, which removes the spread between easy and hard problems from the comparison. p-value: sign-flip
/// permutation test. Interval: Student's t over the differences, with the variance of m differences other than zero counted as (m + 1) / m
/// times as large; for right and wrong alone that is the interval of Agresti and Min (2005) for paired shares, to which one problem is added
/// that changed half up and half down. Four of 256 problems up and none down are not taken for a change.
/// </summary>
internal static class PairedComparison
{
    /// <summary>Random sign flips, where the differences are too many for all.</summary>
    internal const int Flips = 10_000;

    /// <summary>Differences other than zero up to which all sign flips are counted.</summary>
    private const int MostCounted = 16;

    private const ulong FlipLane = 0x666C6970;

    /// <summary>The change from <paramref name="before"/> to <paramref name="after"/>, scores of the same problems in the same order.</summary>
    /// <param name="before">Between 0 and 1.</param>
    /// <param name="after">Between 0 and 1.</param>
    /// <param name="seed">Keys the random sign flips.</param>
    /// <param name="flips">Number of them.</param>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static PairedDifference Compare(IReadOnlyList<double> before, IReadOnlyList<double> after, ulong seed = 0, int flips = Flips)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Count != after.Count) throw new ArgumentException($"{before.Count} scores before, {after.Count} after", nameof(after));
        if (before.Count == 0) throw new ArgumentException("a comparison needs at least one problem", nameof(before));

        double[] differences = new double[before.Count];
        for (int i = 0; i < differences.Length; i++) differences[i] = after[i] - before[i];
        (double mean, double error) = Intervals.MeanAndError(differences);
        int better = differences.Count(d => d > 0), worse = differences.Count(d => d < 0), changed = better + worse;
        (double low, double high) = error > 0
            ? Intervals.StudentEnds(mean, error * Math.Sqrt((changed + 1.0) / changed), differences.Length)
            : WithoutSpread(mean, differences.Length);
        return new PairedDifference(mean, low, high, PValue([.. differences.Where(d => d != 0)], seed, flips), better, worse, differences.Length);
    }

    /// <summary>
    /// When every problem changed by the same amount there is no spread to learn from. A problem that behaves otherwise can then make up
    /// at most 1 − 0.025^(1/P) of all, and move the mean by at most that share of the way to −1 or to 1.
    /// </summary>
    private static (double Low, double High) WithoutSpread(double mean, int problems)
    {
        double unseen = 1 - Math.Pow(0.025, 1.0 / problems);
        return (mean - (unseen * (mean + 1)), mean + (unseen * (1 - mean)));
    }

    /// <summary>
    /// How often random signs give a sum at least as far from zero: exact where all differences are equally large (then it is the sign test,
    /// McNemar's exact test) or few; else from random flips, of which the observed signs count as one.
    /// </summary>
    private static double PValue(double[] differences, ulong seed, int flips)
    {
        double sum = Math.Abs(differences.Sum()), slack = 1e-12 * differences.Sum(Math.Abs);
        if (sum <= slack) return 1;
        double size = Math.Abs(differences[0]);
        if (differences.All(d => Math.Abs(Math.Abs(d) - size) <= 1e-12 * size))
        {
            int fewer = Math.Min(differences.Count(d => d > 0), differences.Count(d => d < 0));
            return Math.Min(1, 2 * Binomial.CDF(0.5, differences.Length, fewer));
        }

        if (differences.Length <= MostCounted)
        {
            int all = 1 << differences.Length;
            return (double)Enumerable.Range(0, all).Count(signs => IsAsFar(i => (signs >> i) & 1)) / all;
        }

        int asFar = 1;
        ulong[] bits = new ulong[(differences.Length + 63) / 64];
        for (int flip = 0; flip < flips; flip++)
        {
            var stream = new KeyedStream(seed, FlipLane, (ulong)flip);
            for (int i = 0; i < bits.Length; i++) bits[i] = stream.NextBits();
            if (IsAsFar(i => (int)(bits[i >> 6] >> (i & 63)) & 1)) asFar++;
        }

        return (double)asFar / (flips + 1);

        bool IsAsFar(Func<int, int> sign)
        {
            double flipped = 0;
            for (int i = 0; i < differences.Length; i++) flipped += sign(i) == 0 ? differences[i] : -differences[i];
            return Math.Abs(flipped) >= sum - slack;
        }
    }
}
