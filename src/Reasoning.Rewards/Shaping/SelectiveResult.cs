namespace Reasoning.Rewards.Shaping;

/// <summary>What SCRL makes of a group.</summary>
/// <param name="Rewards">One for each answer.</param>
/// <param name="Label">The class that stands for the label; −1 for none.</param>
/// <param name="Negatives">For each answer whether it is taken for wrong.</param>
/// <param name="Advantages">One for each answer where there is no label: nothing to compare with; else null.</param>
public sealed record SelectiveResult(double[] Rewards, int Label, bool[] Negatives, double[]? Advantages);
