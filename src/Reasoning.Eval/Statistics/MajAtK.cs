namespace Reasoning.Eval.Statistics;

/// <summary>
/// maj@k: how often the majority among k answers, drawn without replacement from n, is correct. Exact for every k ≤ n: all subsets are
/// counted by a recursion over the classes, nothing is resampled. Where classes tie for the majority the value is the mean over the tied
/// ones; a draw in which everybody abstains counts as wrong.
/// </summary>
public static class MajAtK
{
    /// <summary>The largest n: beyond it binomial coefficients leave the range of a double.</summary>
    public const int MaxSamples = 1_000;

    /// <summary>The expected correctness of the majority and the probability of a tie for it.</summary>
    /// <param name="classes">For each sample its class of equal answers, 0 and up; negative abstains.</param>
    /// <param name="correct">For each sample whether it is correct; members of a class normally agree, else their mean counts.</param>
    /// <param name="k">Number of draws, 1 to the number of samples.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not in 1 … n, or n above <see cref="MaxSamples"/>.</exception>
    public static MajorityEstimate Estimate(ReadOnlySpan<int> classes, ReadOnlySpan<bool> correct, int k)
    {
        int n = classes.Length;
        if (correct.Length != n) throw new ArgumentException($"{n} classes but {correct.Length} marks", nameof(correct));
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, MaxSamples, nameof(classes));

        var sizes = new SortedDictionary<int, (int Size, int Correct)>();
        int abstentions = 0;
        for (int i = 0; i < n; i++)
        {
            if (classes[i] < 0)
            {
                abstentions++;
                continue;
            }
            (int size, int right) = sizes.GetValueOrDefault(classes[i]);
            sizes[classes[i]] = (size + 1, right + (correct[i] ? 1 : 0));
        }
        (int Size, double Correct)[] list = [.. sizes.Values.Select(entry => (entry.Size, (double)entry.Correct / entry.Size))];
        if (k == n) return OfAll(list);

        double all = Choose(n, k), value = 0, ties = 0;
        int largest = list.Length == 0 ? 0 : Math.Min(k, list.Max(entry => entry.Size));
        for (int top = 1; top <= largest; top++)
        {
            (double winning, double tied) = WithLargestCount(list, abstentions, k, top);
            value += winning / all;
            ties += tied / all;
        }
        return new MajorityEstimate(Math.Clamp(value, 0, 1), Math.Clamp(ties, 0, 1));
    }

    private static MajorityEstimate OfAll((int Size, double Correct)[] classes)
    {
        if (classes.Length == 0) return new MajorityEstimate(0, 0);
        int top = classes.Max(entry => entry.Size);
        double[] winners = [.. classes.Where(entry => entry.Size == top).Select(entry => entry.Correct)];
        return new MajorityEstimate(winners.Average(), winners.Length > 1 ? 1 : 0);
    }

    /// <summary>
    /// Over all subsets of k in which the largest class has exactly <paramref name="top"/> members: the sum of the mean correctness of the
    /// classes of that size, and the number of subsets with several such classes.
    /// </summary>
    private static (double Winning, double Tied) WithLargestCount((int Size, double Correct)[] classes, int abstentions, int k, int top)
    {
        int maxTied = k / top;
        double[,] ways = new double[k + 1, maxTied + 1]; // [drawn, classes at the top]: number of subsets
        double[,] sums = new double[k + 1, maxTied + 1]; // the same, weighted by the summed correctness of the classes at the top
        for (int drawn = 0; drawn <= Math.Min(k, abstentions); drawn++) ways[drawn, 0] = Choose(abstentions, drawn);
        foreach ((int size, double correct) in classes)
        {
            double[,] nextWays = new double[k + 1, maxTied + 1], nextSums = new double[k + 1, maxTied + 1];
            for (int take = 0; take <= Math.Min(size, top); take++)
            {
                double choices = Choose(size, take);
                int tied = take == top ? 1 : 0;
                for (int drawn = take; drawn <= k; drawn++)
                {
                    for (int t = tied; t <= maxTied; t++)
                    {
                        double before = ways[drawn - take, t - tied];
                        nextWays[drawn, t] += before * choices;
                        nextSums[drawn, t] += (sums[drawn - take, t - tied] + (tied * correct * before)) * choices;
                    }
                }
            }
            (ways, sums) = (nextWays, nextSums);
        }
        double winning = 0, several = 0;
        for (int t = 1; t <= maxTied; t++)
        {
            winning += sums[k, t] / t;
            if (t > 1) several += ways[k, t];
        }
        return (winning, several);
    }

    private static double Choose(int n, int k)
    {
        double value = 1;
        for (int i = 1; i <= Math.Min(k, n - k); i++) value = value * (n - i + 1) / i;
        return value;
    }
}

/// <param name="Value">Expected correctness of the majority, 0 to 1.</param>
/// <param name="TieRate">Probability that several classes share the majority.</param>
public readonly record struct MajorityEstimate(double Value, double TieRate);
