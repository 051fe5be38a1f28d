namespace Reasoning.Rewards.Novelty;

/// <summary>One response of a group as the novelty reward sees it.</summary>
/// <param name="Text">The part to compare; see <see cref="NoveltyReward.ReasoningPart"/>.</param>
/// <param name="Agrees">Whether its answer equals the vote.</param>
/// <param name="IsValid">Whether it takes part; see <see cref="NoveltyReward.IsValid"/>.</param>
public sealed record NoveltyResponse(string Text, bool Agrees, bool IsValid);
