using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Shaping;

/// <summary>
/// SCRL (arXiv 2603.19880): a clear vote is a label, rare answers that the model was unsure of are taken for wrong, and everything else is
/// told apart by certainty alone. With n ballots, c votes for an answer's class, H the mean over the class of the mean token entropy and H̄
/// that mean over all answers:
/// <code>
/// label      c / n − λ (H / H̄ − 1)                                 the winner, if it passes the gate
/// negative   − (r + 1 − c) / n − λ (H / H̄ − 1)                     c at most r (<see cref="VoteGate.MostRare"/>), H ≥ H̄, and not the label
/// other      − λ (H / H̄ − 1)
/// none       0.1 less than the lowest of these                      an answer that abstains
/// </code>
/// </summary>
/// <remarks>
/// Deviations from the released code, which has −1 for abstentions, so that one of them dwarfs all other rewards; H − H̄ in nats, which means
/// something else for every vocabulary; and compares with the group whatever it found. Comparing scales even a tiny spread up to a full
/// update, so here a group without label and negatives has advantages of exactly zero, and one with negatives alone pushes those down by
/// their reward and leaves all others where they are.
/// </remarks>
public static class SelectiveReward
{
    /// <summary>How far an abstention is below the lowest reward of an answer.</summary>
    private const double BelowLowest = 0.1;

    /// <summary>Rewards of one group.</summary>
    /// <param name="vote">The vote of its answers.</param>
    /// <param name="entropies">The mean token entropy of each answer, abstentions included.</param>
    /// <param name="gate">Which classes are labels and which are rare.</param>
    /// <param name="entropyWeight">λ</param>
    public static SelectiveResult Score(VoteResult vote, IReadOnlyList<double> entropies, VoteGate gate, double entropyWeight)
    {
        ArgumentNullException.ThrowIfNull(vote);
        ArgumentNullException.ThrowIfNull(entropies);
        ArgumentNullException.ThrowIfNull(gate);
        int label = gate.Label(vote), mostRare = gate.MostRare(vote.Total);
        double mean = entropies.Count == 0 ? 0 : entropies.Average();
        double[] ofClass = new double[vote.Votes.Length];
        bool[] isNegative = new bool[vote.Votes.Length];
        for (int c = 0; c < ofClass.Length; c++)
        {
            double entropy = entropies.Where((_, i) => vote.Class[i] == c).Average();
            isNegative[c] = c != label && vote.Weights[c] <= mostRare && entropy >= mean;
            double certainty = mean == 0 ? 0 : -entropyWeight * ((entropy / mean) - 1);
            double votes = c == label ? vote.Weights[c] : isNegative[c] ? vote.Weights[c] - (mostRare + 1) : 0;
            ofClass[c] = (votes / vote.Total) + certainty;
        }

        double none = ofClass.Length == 0 ? 0 : ofClass.Min() - BelowLowest;
        double[] rewards = [.. vote.Class.Select(c => c < 0 ? none : ofClass[c])];
        bool[] negatives = [.. vote.Class.Select(c => c >= 0 && isNegative[c])];
        return new SelectiveResult(
            rewards, label, negatives, label >= 0 ? null : [.. rewards.Select((reward, i) => negatives[i] ? reward : 0)]);
    }
}
