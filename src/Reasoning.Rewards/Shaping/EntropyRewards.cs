namespace Reasoning.Rewards;

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
}
