namespace Reasoning.Rewards.Vote;

/// <summary>One sampled answer as it enters a vote.</summary>
/// <param name="Answer">The extracted answer; null when there is none.</param>
/// <param name="Truncated">Whether the response ended at the token limit; a truncated response abstains.</param>
public sealed record Ballot(string? Answer, bool Truncated);
