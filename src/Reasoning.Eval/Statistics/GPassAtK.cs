namespace Reasoning.Eval.Statistics;

/// <summary>
/// G-Pass@k (arXiv 2412.13147): the probability that at least a share τ of k draws without replacement is correct. τ → 0 is pass@k, τ = 1
/// asks for k correct answers in a row.
/// </summary>
public static class GPassAtK
{
    /// <summary>P[X ≥ max(⌈τ k⌉, 1)] for X hypergeometric(n, c, k).</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is not in 1 … n, c not in 0 … n, or τ not in 0 … 1.</exception>
    public static double Estimate(int n, int c, int k, double threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        // A share such as 0.6 of 5 must ask for 3, not for 4.
        return AtLeast(n, c, k, Math.Max((int)Math.Ceiling((threshold * k) - 1e-9), 1));
    }

    /// <summary>mG-Pass@k: the mean of P[X ≥ i] over i from ⌈k/2⌉ + 1 to k, times 2/k as published.</summary>
    public static double Mean(int n, int c, int k)
    {
        double sum = 0;
        for (int i = ((k + 1) / 2) + 1; i <= k; i++) sum += AtLeast(n, c, k, i);
        return 2.0 / k * sum;
    }

    private static double AtLeast(int n, int c, int k, int hits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        ArgumentOutOfRangeException.ThrowIfNegative(c);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(c, n);
        double sum = 0;
        for (int x = hits; x <= Math.Min(c, k); x++)
        {
            if (k - x > n - c) continue;
            sum += Math.Exp(LogChoose(c, x) + LogChoose(n - c, k - x) - LogChoose(n, k));
        }
        return Math.Min(sum, 1);
    }

    private static double LogChoose(int n, int k) =>
        MathNet.Numerics.SpecialFunctions.FactorialLn(n) - MathNet.Numerics.SpecialFunctions.FactorialLn(k)
        - MathNet.Numerics.SpecialFunctions.FactorialLn(n - k);
}
