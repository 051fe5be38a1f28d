namespace Reasoning.Rewards.Vote;

/// <summary>
/// Says when a vote is clear enough to be a label, and which answers are rare enough to be taken for wrong (SCRL, arXiv 2603.19880).
/// </summary>
/// <remarks>
/// All bounds are shares of all n ballots, abstentions included. Deviation from the released code: there, with 8 ballots, a single vote
/// is no longer below an eighth and nothing is ever rare; here one vote always is, and with fewer than 8 ballots nothing is.
/// </remarks>
public sealed record VoteGate
{
    /// <summary>Fewest ballots among which an answer can be rare.</summary>
    public const int FewestForRare = 8;

    /// <summary>Keeps rounding of weighted votes from deciding at a bound.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Share of all ballots that the winner needs.</summary>
    public double Share { get; init; } = 0.375;

    /// <summary>The winner needs more than this share of all ballots beyond the second.</summary>
    public double Margin { get; init; } = 0.125;

    /// <summary>An answer is rare with less than this share of all ballots, or with a single vote.</summary>
    public double RareShare { get; init; } = 0.125;

    /// <summary>The class that may stand for the label: the winner where it is clear; −1 where it is not.</summary>
    public int Label(VoteResult vote)
    {
        ArgumentNullException.ThrowIfNull(vote);
        if (vote.WinnerClass < 0) return -1;
        double first = vote.Weights[vote.WinnerClass], second = 0;
        for (int c = 0; c < vote.Weights.Length; c++)
        {
            if (c != vote.WinnerClass) second = Math.Max(second, vote.Weights[c]);
        }

        bool isLarge = first >= (Share * vote.Total) - Rounding;
        bool isAhead = second == 0 || first - second > (Margin * vote.Total) + Rounding;
        return isLarge && isAhead ? vote.WinnerClass : -1;
    }

    /// <summary>Most votes of a rare answer among <paramref name="ballots"/>; 0 where nothing is rare.</summary>
    public int MostRare(int ballots) =>
        ballots < FewestForRare || RareShare == 0 ? 0 : Math.Max(1, (int)Math.Ceiling((RareShare * ballots) - Rounding) - 1);
}
