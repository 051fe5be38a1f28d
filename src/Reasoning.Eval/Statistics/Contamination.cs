namespace Reasoning.Eval.Statistics;

/// <summary>
/// Signs that a model has seen a text in training: it is then surer of it than of a text of its kind. Scores have no scale of their own; compare
/// those of texts from before and after the model was trained.
/// </summary>
public static class Contamination
{
    /// <summary>What DC-PDD cuts the part of a token off at: a few rare tokens should not decide. As published for English.</summary>
    public const double DcPddCap = 0.01;

    /// <summary>
    /// Min-K% Prob (arXiv:2310.16789, eq. 1): the mean log-probability of the least probable share of the tokens, in nats. A text that was seen
    /// has fewer surprises: nearer to 0.
    /// </summary>
    /// <param name="logProbs">Of each token after those before it.</param>
    /// <param name="share">How many of them count; at least one does.</param>
    /// <returns>NaN without tokens.</returns>
    public static double MinK(IReadOnlyList<double> logProbs, double share = 0.2)
    {
        ArgumentNullException.ThrowIfNull(logProbs);
        int count = Math.Max(1, (int)(logProbs.Count * share));
        return logProbs.Count == 0 ? double.NaN : logProbs.Order().Take(count).Average();
    }

    /// <summary>
    /// DC-PDD (arXiv:2409.14781, section 3): the mean over the different tokens of a text, each at its first place, of p · −ln f, cut off at
    /// <see cref="DcPddCap"/>. p is the model's probability there and f the token's share of a reference corpus, each token counted once more than
    /// it occurs. Higher where the model is sure of tokens that are rare elsewhere.
    /// </summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="logProbs">Of each of them.</param>
    /// <param name="reference">How often each token of the vocabulary occurs in the reference corpus.</param>
    /// <returns>NaN without tokens.</returns>
    public static double DcPdd(IReadOnlyList<int> ids, IReadOnlyList<double> logProbs, IReadOnlyList<long> reference)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(logProbs);
        ArgumentNullException.ThrowIfNull(reference);
        if (ids.Count != logProbs.Count) throw new ArgumentException($"{ids.Count} ids but {logProbs.Count} log-probabilities", nameof(logProbs));
        double all = reference.Sum() + reference.Count;
        var seen = new HashSet<int>();
        double[] parts =
        [
            .. Enumerable.Range(0, ids.Count).Where(i => seen.Add(ids[i]))
                .Select(i => Math.Min(-Math.Exp(logProbs[i]) * Math.Log((reference[ids[i]] + 1) / all), DcPddCap)),
        ];
        return parts.Length == 0 ? double.NaN : parts.Average();
    }
}
