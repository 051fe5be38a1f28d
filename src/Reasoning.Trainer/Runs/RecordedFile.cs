namespace Reasoning.Trainer.Runs;

/// <summary>A file or folder that a run reads.</summary>
/// <param name="Path">Where it was.</param>
/// <param name="Hash">Identifies its content.</param>
/// <param name="Count">Number of prompts; null for a model.</param>
internal sealed record RecordedFile(string Path, string Hash, int? Count = null);
