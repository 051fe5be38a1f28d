using Reasoning.Models.Devices;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Training;

/// <summary>What a run is asked to do.</summary>
public sealed record TrainRequest
{
    /// <summary>The settings.</summary>
    public required EffectiveRecipe Recipe { get; init; }

    /// <summary>Checkpoint folder or GGUF file of the start model.</summary>
    public required string Model { get; init; }

    /// <summary>File of the prompts to adapt to.</summary>
    public required string Prompts { get; init; }

    /// <summary>File of prompts of the same kind that are only evaluated; null for none.</summary>
    public string? Heldout { get; init; }

    /// <summary>File of prompts the start model was made for, to measure forgetting; null for none.</summary>
    public string? Source { get; init; }

    /// <summary>Folder of the run; null for the first free <c>runs/RECIPE-N</c>.</summary>
    public string? Out { get; init; }

    /// <summary>Where to compute.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Cpu;

    /// <summary>Whether to go on with the run in <see cref="Out"/>.</summary>
    public bool Resume { get; init; }

    /// <summary>End after this step with a checkpoint, as if interrupted; null to run all steps.</summary>
    internal int? StopAfter { get; init; }

    /// <summary>Folder of another run whose evaluation of the base serves again where it is the same; null for none.</summary>
    internal string? BaseFrom { get; init; }
}
