namespace Reasoning.Trainer.Loop;

/// <summary>How the loop ended.</summary>
/// <param name="End">Why.</param>
/// <param name="Step">Last complete step.</param>
/// <param name="Reason">The guard's reason, in one line; null otherwise.</param>
internal sealed record LoopResult(LoopEnd End, int Step, string? Reason = null);
