namespace Reasoning.Eval.Statistics;

/// <summary>
/// pass@k: the probability that at least one of k answers is correct when k are drawn without replacement from n of which c are correct
/// (Chen et al., arXiv 2107.03374, section 2.1). Exact and unbiased; never resampled.
/// </summary>
public static class PassAtK
{
    /// <summary>1 − C(n − c, k) / C(n, k), as the product 1 − Π (1 − k/i) over i = n − c + 1 … n.</summary>
    /// <param name="n">Number of samples.</param>
    /// <param name="c">Number of correct ones.</param>
    /// <param name="k">Number of draws, 1 to <paramref name="n"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not in 1 … n, or c not in 0 … n: no estimate exists.</exception>
    public static double Estimate(int n, int c, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        ArgumentOutOfRangeException.ThrowIfNegative(c);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(c, n);
        if (n - c < k) return 1;
        double none = 1;
        for (int i = n - c + 1; i <= n; i++) none *= 1 - ((double)k / i);
        return 1 - none;
    }
}
