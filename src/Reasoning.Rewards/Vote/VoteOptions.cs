namespace Reasoning.Rewards.Vote;

/// <summary>How votes are counted.</summary>
public sealed record VoteOptions
{
    /// <summary>Share of ballots, 0 to 1, that must hold a valid answer; with fewer there is no winner.</summary>
    public double MinimumValidShare { get; init; }

    /// <summary>
    /// Soft rewards: each ballot earns the share of all ballots that agree with it (SC-RL in arXiv 2505.15134), instead of 1 for agreeing
    /// with the winner.
    /// </summary>
    public bool Soft { get; init; }
}
