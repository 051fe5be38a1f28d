namespace Reasoning.Rewards.Shaping;

/// <summary>
/// Advantages from the rewards of one group. Everywhere: a reward that is not finite is left out of the statistics and gets 0; a group of
/// fewer than two finite rewards, or of equal ones, gets 0 throughout.
/// </summary>
public static class Advantages
{
    /// <summary>
    /// GRPO (arXiv 2402.03300): A = (R − μ) / (σ + ε), σ with n − 1 as in verl. Default ε = 1e-6 as in verl; TRL has 1e-4.
    /// </summary>
    public static double[] Grpo(ReadOnlySpan<double> rewards, double epsilon = 1e-6)
    {
        double[] centred = Centred(rewards, out int count);
        double squares = 0;
        foreach (double value in centred) squares += value * value;
        if (squares == 0) return centred;
        double scale = 1 / (Math.Sqrt(squares / (count - 1)) + epsilon);
        for (int i = 0; i < centred.Length; i++) centred[i] *= scale;
        return centred;
    }

    /// <summary>Dr. GRPO (arXiv 2503.20783): A = R − μ, without σ, which overweights questions that are nearly solved or nearly hopeless.</summary>
    public static double[] DrGrpo(ReadOnlySpan<double> rewards) => Centred(rewards, out _);

    /// <summary>RLOO (arXiv 2402.14740): A_i = R_i − mean of the others = (R_i − μ) G / (G − 1).</summary>
    public static double[] Rloo(ReadOnlySpan<double> rewards)
    {
        double[] centred = Centred(rewards, out int count);
        if (count < 2) return centred;
        double scale = (double)count / (count - 1);
        for (int i = 0; i < centred.Length; i++) centred[i] *= scale;
        return centred;
    }

    /// <summary>
    /// Pass@k (as in TTRL-CoCoV, arXiv 2606.03608): how much better a random set of k answers does with this one in it. A set is worth 1 if
    /// one of its answers is right.
    /// <code>
    /// F = C(N₋, k) / C(N, k)        σ = √(F (1 − F))        A₊ = F / σ        A₋ = (F − C(N₋ − 1, k − 1) / C(N − 1, k − 1)) / σ
    /// </code>
    /// N₋ of N answers are wrong; F is the share of sets without a right one. All get 0 where σ &lt; 1e-6, and where N &lt; k.
    /// </summary>
    /// <param name="rewards">Above 0 for right, else wrong.</param>
    /// <param name="k">Answers in a set; 1 is GRPO with σ by n.</param>
    public static double[] PassAtK(ReadOnlySpan<double> rewards, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        double[] advantages = new double[rewards.Length];
        int count = 0, wrong = 0;
        foreach (double reward in rewards)
        {
            if (!double.IsFinite(reward)) continue;
            count++;
            if (reward <= 0) wrong++;
        }

        double none = AllWrong(wrong, count, k), deviation = Math.Sqrt(none * (1 - none));
        if (count < k || deviation < 1e-6) return advantages;
        double withThis = AllWrong(wrong - 1, count - 1, k - 1);
        for (int i = 0; i < rewards.Length; i++)
        {
            if (double.IsFinite(rewards[i])) advantages[i] = (rewards[i] > 0 ? none : none - withThis) / deviation;
        }

        return advantages;
    }

    /// <summary>
    /// ETTRL (arXiv 2508.11356, Adv-Res): what an advantage is multiplied with by the entropy of its answer, 1 + (H̄ − H) / H̄, so that the
    /// surer half of a group counts more. Deviation: held to [0, 2], or answers of more than twice the mean would learn the opposite.
    /// </summary>
    /// <param name="entropies">The mean token entropy of each answer of a group.</param>
    public static double[] EntropyFactors(ReadOnlySpan<double> entropies)
    {
        double[] factors = entropies.ToArray();
        double mean = factors.Length == 0 ? 0 : factors.Average();
        for (int i = 0; i < factors.Length; i++) factors[i] = mean == 0 ? 1 : Math.Clamp(1 + ((mean - factors[i]) / mean), 0, 2);
        return factors;
    }

    /// <summary>
    /// REINFORCE++ with group baseline (arXiv 2501.03262, as in verl): R − μ of the group, then whitened over all tokens of the batch, to
    /// mean 0 and (unbiased) variance 1 with each response weighted by its length.
    /// </summary>
    /// <param name="groups">Rewards of each group.</param>
    /// <param name="lengths">Number of tokens of each response, in the same shape.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static double[][] ReinforcePlusPlus(IReadOnlyList<double[]> groups, IReadOnlyList<int[]> lengths, double epsilon = 1e-8)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(lengths);
        double[][] advantages = [.. groups.Select(group => Centred(group, out _))];
        double tokens = 0, sum = 0, squares = 0;
        Visit((g, i, length) =>
        {
            tokens += length;
            sum += length * advantages[g][i];
        });
        if (tokens < 2) return [.. groups.Select(group => new double[group.Length])];
        double mean = sum / tokens;
        Visit((g, i, length) => squares += length * (advantages[g][i] - mean) * (advantages[g][i] - mean));
        if (squares <= 1e-24 * tokens) return [.. groups.Select(group => new double[group.Length])];
        double scale = 1 / Math.Sqrt((squares / (tokens - 1)) + epsilon);
        Visit((g, i, _) => advantages[g][i] = (advantages[g][i] - mean) * scale);
        return advantages;

        void Visit(Action<int, int, int> visit)
        {
            for (int g = 0; g < groups.Count; g++)
            {
                if (lengths[g].Length != groups[g].Length)
                    throw new ArgumentException($"group {g} has {groups[g].Length} rewards but {lengths[g].Length} lengths", nameof(lengths));
                for (int i = 0; i < groups[g].Length; i++)
                {
                    if (double.IsFinite(groups[g][i])) visit(g, i, lengths[g][i]);
                }
            }
        }
    }

    /// <summary>C(wrong, k) / C(count, k), the share of sets of k that are all wrong.</summary>
    private static double AllWrong(int wrong, int count, int k)
    {
        double share = 1;
        for (int i = 0; i < k; i++) share *= wrong - i <= 0 ? 0 : (double)(wrong - i) / (count - i);
        return share;
    }

    /// <summary>R − μ over finite rewards; exactly 0 when they are all equal, so that rounding never becomes a signal.</summary>
    private static double[] Centred(ReadOnlySpan<double> rewards, out int count)
    {
        double[] centred = new double[rewards.Length];
        double sum = 0, low = double.PositiveInfinity, high = double.NegativeInfinity;
        count = 0;
        foreach (double reward in rewards)
        {
            if (!double.IsFinite(reward)) continue;
            sum += reward;
            low = Math.Min(low, reward);
            high = Math.Max(high, reward);
            count++;
        }
        if (count < 2 || low == high) return centred;
        double mean = sum / count;
        for (int i = 0; i < centred.Length; i++) centred[i] = double.IsFinite(rewards[i]) ? rewards[i] - mean : 0;
        return centred;
    }
}
