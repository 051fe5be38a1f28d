namespace Reasoning.Trainer.Learning;

/// <summary>A loss, gradient or parameter is not a finite number any more; the run stops before it spreads.</summary>
internal sealed class NonFiniteException(string message) : Exception(message);
