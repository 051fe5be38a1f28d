using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// What each token counts in the loss, from lengths alone:
/// <code>
/// token-mean      1 / Σ_s n_s            every token of the update the same
/// sequence-mean   1 / (S n_s)            every answer the same
/// constant        1 / (S L)              L the token limit (Dr. GRPO, arXiv:2503.20783)
/// </code>
/// n_s counts the tokens of answer s that enter the loss, S the answers of the update.
/// </summary>
internal static class TokenWeights
{
    /// <summary>The weight of a token of each answer.</summary>
    public static double[] For(IReadOnlyList<int> lengths, AggregationKind aggregation, int tokenLimit)
    {
        double tokens = lengths.Sum(length => (double)length);
        return
        [
            .. lengths.Select(length => aggregation switch
            {
                AggregationKind.TokenMean => 1 / tokens,
                AggregationKind.SequenceMean => 1 / ((double)lengths.Count * Math.Max(1, length)),
                _ => 1 / ((double)lengths.Count * tokenLimit),
            }),
        ];
    }
}
