using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Results;

/// <summary>One measured quantity.</summary>
/// <param name="Name">E.g. "pass@1", "maj@16", "greedy", "vote share".</param>
/// <param name="Estimate">Mean over problems with its interval.</param>
/// <param name="PerProblem">The score of each problem, for pairing.</param>
/// <param name="SamplingError">Standard error on this very set of problems; NaN where there is no formula for it.</param>
/// <param name="TieRate">For maj@k how often several answers share the majority; else null.</param>
public sealed record Metric(string Name, Estimate Estimate, double[] PerProblem, double SamplingError, double? TieRate = null);
