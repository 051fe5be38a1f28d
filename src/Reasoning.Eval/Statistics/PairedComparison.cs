using Reasoning.Models.Random;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// Compares two evaluations problem by problem, which removes the spread between easy and hard problems from the comparison. Interval:
/// percentile bootstrap over the differences. p-value: sign-flip permutation. Both are functions of the scores and the seed.
/// </summary>
internal static class PairedComparison
{
    private const ulong FlipLane = 0x666C6970;

    /// <summary>The change from <paramref name="before"/> to <paramref name="after"/>, scores of the same problems in the same order.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static PairedDifference Compare(
        IReadOnlyList<double> before, IReadOnlyList<double> after, ulong seed = 0, int draws = Intervals.BootstrapDraws)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Count != after.Count) throw new ArgumentException($"{before.Count} scores before, {after.Count} after", nameof(after));
        if (before.Count == 0) throw new ArgumentException("a comparison needs at least one problem", nameof(before));

        double[] differences = new double[before.Count];
        for (int i = 0; i < differences.Length; i++) differences[i] = after[i] - before[i];
        (double mean, double error) = Intervals.MeanAndError(differences);
        int better = differences.Count(d => d > 0), worse = differences.Count(d => d < 0);
        (double low, double high) = error > 0 ? Intervals.BootstrapEnds(differences, seed, draws) : WithoutSpread(mean, differences.Length);
        return new PairedDifference(mean, low, high, PValue(differences, seed, draws), better, worse, differences.Length);
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

    /// <summary>How often random signs give a mean at least as far from zero; the observed signs count as one draw.</summary>
    private static double PValue(double[] differences, ulong seed, int draws)
    {
        double observed = Math.Abs(differences.Sum()), slack = 1e-12 * differences.Sum(Math.Abs);
        if (observed <= slack) return 1;
        int asFar = 1;
        for (int draw = 0; draw < draws; draw++)
        {
            var stream = new KeyedStream(seed, FlipLane, (ulong)draw);
            double sum = 0;
            ulong bits = 0;
            for (int i = 0; i < differences.Length; i++)
            {
                if ((i & 63) == 0) bits = stream.NextBits();
                sum += (bits & 1) == 0 ? differences[i] : -differences[i];
                bits >>= 1;
            }
            if (Math.Abs(sum) >= observed - slack) asFar++;
        }
        return (double)asFar / (draws + 1);
    }
}
