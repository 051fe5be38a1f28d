namespace Reasoning.Trainer.Checkpoints;

/// <summary>What the guard remembers; part of a checkpoint, so that a resumed run stops where an unbroken one would.</summary>
internal sealed record GuardState
{
    /// <summary>Values of the first step, before any update showed.</summary>
    public Dictionary<string, double> Start { get; init; } = [];

    /// <summary>For each rule how many steps in a row it has held.</summary>
    public Dictionary<string, int> Held { get; init; } = [];
}
