namespace Reasoning.Rewards.Vote;

/// <summary>The outcome of a vote.</summary>
public sealed record VoteResult
{
    /// <summary>The winning answer as its first voter wrote it; null when there is no winner.</summary>
    public required string? Winner { get; init; }

    /// <summary>The class that won; −1 when there is no winner.</summary>
    public required int WinnerClass { get; init; }

    /// <summary>The class of each ballot, numbered in the order of first votes; −1 abstains.</summary>
    public required int[] Class { get; init; }

    /// <summary>The answer of each class as its first voter wrote it.</summary>
    public required string[] Answers { get; init; }

    /// <summary>Votes of each class.</summary>
    public required int[] Votes { get; init; }

    /// <summary>What the votes of each class weigh; all together as much as there are votes. Without weights the votes themselves.</summary>
    public required double[] Weights { get; init; }

    /// <summary>Ballots that hold a valid answer.</summary>
    public required int Valid { get; init; }

    /// <summary>All ballots, abstentions included.</summary>
    public required int Total { get; init; }

    /// <summary>Abstentions because of truncation.</summary>
    public required int Truncated { get; init; }

    /// <summary>Abstentions because the answer could not be read, too long or too large ones included.</summary>
    public required int Unread { get; init; }

    /// <summary>Those among <see cref="Unread"/> that would have taken more than the budget of operations.</summary>
    public required int OverBudget { get; init; }

    /// <summary>Whether another class has votes of the same weight as the winner's.</summary>
    public required bool Tie { get; init; }

    /// <summary>What each ballot earns: 1 for a vote for the winner, else 0.</summary>
    public double[] Rewards => [.. Agrees.Select(agrees => agrees ? 1.0 : 0)];

    /// <summary>Votes for the winner.</summary>
    public int WinnerVotes => WinnerClass < 0 ? 0 : Votes[WinnerClass];

    /// <summary>Votes for the winner by all ballots.</summary>
    public double Share => Total == 0 ? 0 : (double)WinnerVotes / Total;

    /// <summary>
    /// For each ballot the share of all ballots that agree with it (the reward of SC-RL in arXiv 2505.15134); 0 where it abstains or there is
    /// no winner.
    /// </summary>
    public double[] Shares => [.. Class.Select(c => c < 0 || WinnerClass < 0 ? 0 : Weights[c] / Total)];

    /// <summary>
    /// The same vote with a weight for each ballot. Where nobody has won nobody wins by weights, either; those of abstentions do not count.
    /// </summary>
    /// <param name="weights">At least 0; if all are 0 they change nothing.</param>
    public VoteResult Weighted(IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[] sums = new double[Votes.Length];
        for (int i = 0; i < Class.Length; i++)
        {
            if (Class[i] >= 0) sums[Class[i]] += weights[i];
        }

        double all = sums.Sum();
        if (WinnerClass < 0 || all == 0) return this;
        double most = sums.Max();
        int winner = Array.IndexOf(sums, most);
        return this with
        {
            Winner = Answers[winner],
            WinnerClass = winner,
            Weights = [.. sums.Select(sum => sum * Valid / all)],
            Tie = sums.Count(sum => sum == most) > 1,
        };
    }

    /// <summary>For each ballot whether it is a vote for the winner. Agreeing is not being correct.</summary>
    public bool[] Agrees => [.. Class.Select(c => c >= 0 && c == WinnerClass)];
}
