namespace Reasoning.Eval.Statistics;

/// <param name="Value">Expected correctness of the majority, 0 to 1.</param>
/// <param name="TieRate">Probability that several classes share the majority.</param>
public readonly record struct MajorityEstimate(double Value, double TieRate);
