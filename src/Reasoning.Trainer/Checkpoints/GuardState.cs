namespace Reasoning.Trainer.Checkpoints;

/// <summary>What the guard remembers; part of a checkpoint, so that a resumed run stops where an unbroken one would.</summary>
internal sealed record GuardState
{
    /// <summary>Values of the first step, before any update showed.</summary>
    public Dictionary<string, double> Start { get; init; } = [];

    /// <summary>Whether the last step was far from every limit.</summary>
    public bool IsCalm { get; set; } = true;

    /// <summary>Rules that were near their limit when last measured, which some are not in every step.</summary>
    public HashSet<string> Near { get; init; } = [];

    /// <summary>The newest checkpoint that was written while every rule was far from its limit; null where there is none.</summary>
    public int? GoodStep { get; set; }

    /// <summary>How often the run went back to a good checkpoint.</summary>
    public int Rollbacks { get; set; }

    /// <summary>For each rule how many steps in a row it has held.</summary>
    public Dictionary<string, int> Held { get; init; } = [];
}
