namespace Reasoning.Eval.Statistics;

/// <summary>How the answers to one prompt differ from each other, from the class of each; a negative class is no answer and is left out.</summary>
public static class AnswerSpread
{
    /// <summary>Number of different answers.</summary>
    public static int Distinct(IReadOnlyList<int> classes) => classes.Where(one => one >= 0).Distinct().Count();

    /// <summary>Entropy in nats of the shares of the different answers: 0 where all are the same, ln n where no two of n are.</summary>
    public static double Entropy(IReadOnlyList<int> classes)
    {
        int[] sizes = [.. classes.Where(one => one >= 0).GroupBy(one => one).Select(group => group.Count())];
        double all = sizes.Sum();
        return -sizes.Sum(size => size / all * Math.Log(size / all));
    }
}
