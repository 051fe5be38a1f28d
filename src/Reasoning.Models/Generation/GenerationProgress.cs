namespace Reasoning.Models.Generation;

/// <summary>How far a <see cref="Generator.Generate"/> call has come; reported after every decoding step.</summary>
/// <param name="Finished">Rollouts that have ended.</param>
/// <param name="Total">Rollouts asked for.</param>
/// <param name="Active">Rollouts in the batch of the step just done.</param>
/// <param name="Tokens">Tokens sampled so far.</param>
/// <param name="TokensPerSecond">Sampled tokens per second of wall time since the call began, prefill included.</param>
public readonly record struct GenerationProgress(int Finished, int Total, int Active, long Tokens, double TokensPerSecond);
