namespace Reasoning.Rewards.Vote;

/// <summary>
/// What votes weigh by the certainty of the answers that cast them (DeepConf, arXiv 2508.15260): an answer is as sure as its least sure part.
/// <code>
/// c_t = exp(−H_t)        score = mean of the lowest tenth of the means of c over windows of w tokens, w = max(8, a tenth of the median length)
/// </code>
/// The surest <c>keep</c> of all voters vote, with weights that go from 0.1 for the least sure of them to 1 for the surest.
/// </summary>
/// <remarks>
/// Deviations from the released code: exp(−H) instead of the mean of the 20 largest log-probabilities, which at a small vocabulary are most
/// of it; w of the run's own lengths, since with 2,048 tokens every shorter answer is its plain mean; weights stretched to [0.1, 1], since
/// the scores lie so close together that they hardly differ from plain votes; and at least three answers vote.
/// </remarks>
public static class ConfidenceWeights
{
    private const double LowestPart = 0.1, LeastWeight = 0.1;
    private const int ShortestWindow = 8, FewestVoters = 3;

    /// <summary>A weight for each ballot: 0 for those that abstain or are not sure enough, else 0.1 to 1.</summary>
    /// <param name="vote">Says who abstains.</param>
    /// <param name="entropies">In nats at each token of each answer.</param>
    /// <param name="keep">Share of the voters whose votes count, 0 to 1.</param>
    public static double[] Of(VoteResult vote, IReadOnlyList<float[]> entropies, double keep)
    {
        ArgumentNullException.ThrowIfNull(vote);
        ArgumentNullException.ThrowIfNull(entropies);
        double[] weights = new double[vote.Class.Length];
        int[] voters = [.. Enumerable.Range(0, weights.Length).Where(i => vote.Class[i] >= 0)];
        if (voters.Length == 0) return weights;
        int window = Window([.. voters.Select(i => entropies[i].Length)]);
        double[] scores = [.. voters.Select(i => Score(entropies[i], window))];
        double least = Least(scores, keep), most = scores.Max();
        double low = scores.Where(score => score >= least).Min();
        for (int v = 0; v < voters.Length; v++)
        {
            if (scores[v] < least) continue;
            weights[voters[v]] = most == low ? 1 : LeastWeight + ((1 - LeastWeight) * (scores[v] - low) / (most - low));
        }

        return weights;
    }

    /// <summary>How sure an answer is in its least sure part, 0 to 1; 0 for one without tokens.</summary>
    /// <param name="entropies">In nats at each token.</param>
    /// <param name="window">w; a shorter answer counts as a whole.</param>
    public static double Score(ReadOnlySpan<float> entropies, int window)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        if (entropies.Length == 0) return 0;
        double[] sums = new double[entropies.Length + 1];
        for (int t = 0; t < entropies.Length; t++) sums[t + 1] = sums[t] + Math.Exp(-entropies[t]);
        if (entropies.Length < window) return sums[^1] / entropies.Length;
        double[] means = new double[entropies.Length - window + 1];
        for (int t = 0; t < means.Length; t++) means[t] = (sums[t + window] - sums[t]) / window;
        Array.Sort(means);
        return means.Take(Math.Max(1, (int)(LowestPart * means.Length))).Average();
    }

    /// <summary>w for answers of these lengths.</summary>
    internal static int Window(int[] lengths)
    {
        int[] sorted = [.. lengths.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;
        return Math.Max(ShortestWindow, (int)Math.Ceiling(LowestPart * median));
    }

    /// <summary>The lowest score that still votes: the percentile, interpolated between neighbours, or lower so that enough vote.</summary>
    private static double Least(double[] scores, double keep)
    {
        double[] sorted = [.. scores.Order()];
        int voting = Math.Min(sorted.Length, Math.Max(FewestVoters, (int)Math.Ceiling(keep * sorted.Length)));
        double place = (1 - keep) * (sorted.Length - 1);
        int below = (int)place, above = Math.Min(below + 1, sorted.Length - 1);
        double percentile = sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
        return Math.Min(percentile, sorted[^voting]);
    }
}
