using Reasoning.Eval.Results;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>How a run ended.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="End">Why it ended.</param>
/// <param name="Step">Last complete step.</param>
/// <param name="Reason">The guard's reason; null otherwise.</param>
internal sealed record TrainResult(RunFolder Run, LoopEnd End, int Step, string? Reason = null)
{
    /// <summary>Base against adapted, for each set; empty unless the run is done and evaluated.</summary>
    public IReadOnlyList<EvalComparison> Comparisons { get; init; } = [];

    /// <summary>For a run that the guard stopped: the newest checkpoint it found good; null where only the start model is.</summary>
    public string? Good { get; init; }

    /// <summary>Folder of the adapted model; null unless the run is done, and for episodic runs, which have no single one.</summary>
    public string? Model { get; init; }
}
