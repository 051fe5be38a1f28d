namespace Reasoning.Trainer.Runs;

/// <summary>A setting of a run.</summary>
/// <param name="Value">As it would be written in a recipe.</param>
/// <param name="Origin">Where it came from.</param>
internal sealed record RecordedSetting(string Value, string Origin);
