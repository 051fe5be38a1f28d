namespace Reasoning.Rewards.Shaping;

/// <summary>
/// Rewards for certainty alone (EM-RL, arXiv 2505.15134): no answer is looked at, and a model that is sure of nonsense earns most.
/// </summary>
public static class EntropyRewards
{
    /// <summary>EM-RL-sequence: Σ log p of the sampled tokens, an estimate of minus the entropy over whole responses.</summary>
    /// <param name="logProbs">Natural log-probability of each sampled token.</param>
    public static double Sequence(ReadOnlySpan<float> logProbs)
    {
        double sum = 0;
        foreach (float logProb in logProbs) sum += logProb;
        return sum;
    }

    /// <summary>EM-RL-token: −Σ H of the distributions that the tokens were drawn from.</summary>
    /// <param name="entropies">Entropy in nats at each position of the response.</param>
    public static double Token(ReadOnlySpan<float> entropies) => -Sequence(entropies);

    /// <summary>
    /// RENT (arXiv 2505.22660): −mean H of the distributions that the tokens were drawn from. The released code gives answers that cannot be
    /// read the fixed entropy 7, which means something else in every vocabulary; here they get one standard deviation less than the lowest
    /// of the others, and where nobody has an answer all get the same.
    /// </summary>
    /// <param name="responses">Entropies in nats at each position, and whether there is an answer.</param>
    public static double[] MeanToken(IReadOnlyList<(float[] Entropies, bool IsAnswered)> responses)
    {
        double[] certainty = [.. responses.Select(response => -response.Entropies.Average(entropy => (double)entropy))];
        double[] answered = [.. certainty.Where((_, i) => responses[i].IsAnswered)];
        if (answered.Length == 0) return new double[certainty.Length];
        double mean = certainty.Average(), deviation = Math.Sqrt(certainty.Average(value => (value - mean) * (value - mean)));
        return [.. certainty.Select((value, i) => responses[i].IsAnswered ? value : answered.Min() - deviation)];
    }
}
