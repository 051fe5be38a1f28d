namespace Reasoning.Eval.Results;

/// <summary>The answer at temperature 0.</summary>
/// <param name="Answer">The extracted answer; null when there is none.</param>
/// <param name="Correct">Whether it equals the gold answer; null without one.</param>
/// <param name="Truncated">Whether it ended at the token limit.</param>
/// <param name="Length">Number of tokens.</param>
public sealed record GreedyResult(string? Answer, bool? Correct, bool Truncated, int Length);
