namespace Reasoning.Rewards.Vote;

/// <summary>How votes are counted.</summary>
public sealed record VoteOptions
{
    /// <summary>Share of ballots, 0 to 1, that must hold a valid answer; with fewer there is no winner.</summary>
    public double MinimumValidShare { get; init; }
}
