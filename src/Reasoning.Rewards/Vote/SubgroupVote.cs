using Reasoning.Models.Random;

namespace Reasoning.Rewards.Vote;

/// <summary>
/// SCOPE (arXiv 2512.15146): the answers to a prompt are split into blocks of g, and every block gets a label of its own from a random half
/// of all answers, whose votes weigh by how sure their steps are.
/// <code>
/// weight of an answer = exp(− mean over its steps of the mean token entropy of the step)
/// label of a block    = the class of the largest weight in a draw of n / 2 of the n answers; of equals the one that was sampled first
/// </code>
/// </summary>
/// <remarks>
/// Deviations from the released code: it asks the engine for the sampled token alone, so that its weights are the inverse of confidence,
/// and it drops answers that cannot be read but not their weights. There any winner is a label; here one that holds little of the drawn
/// weight is not, and the gate of SCRL decides. Sizes are a quarter, a half and all of n, not every power of two.
/// </remarks>
public static class SubgroupVote
{
    private const ulong Lane = 0x73636F70;

    /// <summary>The sizes to choose from: a quarter, a half, and all of the answers.</summary>
    public static int[] Sizes(int answers) => [.. ((int[])[answers / 4, answers / 2, answers]).Where(size => size >= 2).Distinct()];

    /// <summary>How sure an answer is, above 0 to 1; 1 for one without tokens.</summary>
    /// <param name="entropies">In nats at each token.</param>
    /// <param name="ends">For each token whether it ends a step; what is left at the end is one, too.</param>
    public static double Weight(IReadOnlyList<float> entropies, IReadOnlyList<bool> ends)
    {
        ArgumentNullException.ThrowIfNull(entropies);
        ArgumentNullException.ThrowIfNull(ends);
        var means = new List<double>();
        double sum = 0;
        int count = 0;
        for (int t = 0; t < entropies.Count; t++)
        {
            sum += entropies[t];
            count++;
            if (!ends[t] && t < entropies.Count - 1) continue;
            means.Add(sum / count);
            (sum, count) = (0, 0);
        }

        return means.Count == 0 ? 1 : Math.Exp(-means.Average());
    }

    /// <summary>The class that is the label of each block of <paramref name="size"/> answers in a row; −1 for none.</summary>
    /// <param name="vote">The plain vote.</param>
    /// <param name="weights">One for each answer; those of abstentions do not count.</param>
    /// <param name="size">g</param>
    /// <param name="leastShare">A winner needs this share of the drawn weight, or the gate decides.</param>
    /// <param name="gate">Says whether the plain vote of all answers is a label.</param>
    /// <param name="seed">With <paramref name="step"/>, <paramref name="promptId"/> and the size the key of the draws.</param>
    /// <param name="step">Of the run.</param>
    /// <param name="promptId">Of the prompt.</param>
    /// <param name="draw">Another number, another draw.</param>
    public static int[] Labels(
        VoteResult vote, IReadOnlyList<double> weights, int size, double leastShare, VoteGate gate, ulong seed, int step, string promptId, int draw)
    {
        ArgumentNullException.ThrowIfNull(vote);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(gate);
        int[] answers = [.. Enumerable.Range(0, vote.Class.Length)];
        var stream = new KeyedStream(seed, (ulong)step, KeyedRandom.Key(promptId), Lane + ((ulong)size << 32) + ((ulong)draw << 56));
        int[] labels = new int[(answers.Length + size - 1) / size];
        for (int block = 0; block < labels.Length; block++)
        {
            stream.Shuffle(answers.AsSpan());
            double[] sums = new double[vote.Votes.Length];
            foreach (int i in answers.Take(Math.Max(1, answers.Length / 2)))
            {
                if (vote.Class[i] >= 0) sums[vote.Class[i]] += weights[i];
            }

            double most = sums.Length == 0 ? 0 : sums.Max();
            labels[block] = most > 0 && most >= leastShare * sums.Sum() ? Array.IndexOf(sums, most) : gate.Label(vote);
        }

        return labels;
    }

    /// <summary>
    /// Chooses a size for a batch: among those that no other beats in both mean reward R and mean number of different labels D, the one
    /// nearest to the best of both, by √(λ (1 − R')² + (1 − λ)(1 − D')²) of values scaled to [0, 1]; of equals the smallest.
    /// </summary>
    /// <param name="candidates">Sizes with R and D.</param>
    /// <param name="balance">λ</param>
    public static int Choose(IReadOnlyList<(int Size, double Reward, double Labels)> candidates, double balance)
    {
        (int Size, double Reward, double Labels)[] front =
        [
            .. candidates.Where(one => !candidates.Any(other =>
                other.Reward >= one.Reward && other.Labels >= one.Labels && (other.Reward > one.Reward || other.Labels > one.Labels))),
        ];
        Func<double, double> reward = Scale(front.Select(one => one.Reward)), labels = Scale(front.Select(one => one.Labels));
        return front.OrderBy(one => Distance(one.Reward, one.Labels)).ThenBy(one => one.Size).First().Size;

        double Distance(double r, double d) =>
            Math.Sqrt((balance * Math.Pow(1 - reward(r), 2)) + ((1 - balance) * Math.Pow(1 - labels(d), 2)));

        static Func<double, double> Scale(IEnumerable<double> values)
        {
            double low = values.Min(), range = values.Max() - low + 1e-8;
            return value => (value - low) / range;
        }
    }
}
