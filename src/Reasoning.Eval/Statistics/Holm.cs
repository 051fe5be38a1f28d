namespace Reasoning.Eval.Statistics;

/// <summary>Holm's correction (1979) for several tests: the chance that any true "no change" is called a change stays at the level of one.</summary>
public static class Holm
{
    /// <summary>The smallest level at which each hypothesis is rejected when all are tested together.</summary>
    /// <param name="pValues">In any order; NaN where nothing was tested, which stays NaN and does not count.</param>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        int[] order = [.. Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderBy(i => pValues[i])];
        double[] adjusted = [.. Enumerable.Repeat(double.NaN, pValues.Count)];
        double largest = 0;
        for (int rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, pValues[order[rank]] * (order.Length - rank)));
            adjusted[order[rank]] = largest;
        }

        return adjusted;
    }
}
