namespace Reasoning.Rewards.Novelty;

/// <summary>Rewards of a group with what led to them. Entries of invalid responses are NaN but for the reward.</summary>
/// <param name="Rewards">+0.5 to +1 for agreeing with the vote, −1 to −0.5 for not, −1 for invalid responses.</param>
/// <param name="Novelty">u = 1 − (α × mean similarity + (1 − α) × largest similarity).</param>
/// <param name="MeanSimilarity">Mean cosine to the others of the own group (of all, for a group of one).</param>
/// <param name="LargestSimilarity">Largest cosine to any other valid response.</param>
internal sealed record NoveltyResult(double[] Rewards, double[] Novelty, double[] MeanSimilarity, double[] LargestSimilarity);
