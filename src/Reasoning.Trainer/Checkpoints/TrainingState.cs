namespace Reasoning.Trainer.Checkpoints;

/// <summary>
/// The numbers of a checkpoint. Data position, schedule and random draws follow from the step and are not stored.
/// </summary>
internal sealed record TrainingState
{
    /// <summary>Version of this record; a reader refuses later ones.</summary>
    public const int CurrentFormat = 2;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Steps that are complete.</summary>
    public int Step { get; init; }

    /// <summary>Updates of each parameter, for optimizers that count them.</summary>
    public Dictionary<string, long> OptimizerSteps { get; init; } = [];

    /// <summary>Name of the optimizer the moments belong to.</summary>
    public string Optimizer { get; init; } = "";

    /// <summary>Numbers of the method.</summary>
    public Dictionary<string, double> Method { get; init; } = [];

    public GuardState Guard { get; init; } = new();

    /// <summary>Updates that were made.</summary>
    public long Updates { get; set; }

    /// <summary>Since format 2; a run from an earlier one counts from where it went on.</summary>
    public OnlineCount Online { get; init; } = new();
}
