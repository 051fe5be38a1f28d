using Reasoning.Eval.Results;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>How a run ended.</summary>
public sealed record TrainResult
{
    internal TrainResult(RunFolder run, LoopEnd end, int step, string? reason = null) => (Run, End, Step, Reason) = (run, end, step, reason);

    /// <summary>Its folder: docs/runs.md says what is in it.</summary>
    public string Folder => Run.Path;

    /// <summary>Why it ended.</summary>
    public LoopEnd End { get; }

    /// <summary>Last complete step.</summary>
    public int Step { get; }

    /// <summary>The guard's reason; null otherwise.</summary>
    public string? Reason { get; }

    /// <summary>Base against adapted, for each set; empty unless the run is done and evaluated. <see cref="Verdict.Of"/> says what one shows.</summary>
    public IReadOnlyList<EvalComparison> Comparisons { get; init; } = [];

    /// <summary>For a run that the guard stopped: the newest checkpoint it found good; null where only the start model is.</summary>
    public string? Good { get; init; }

    /// <summary>Folder of the adapted model; null unless the run is done, and for episodic runs, which have no single one.</summary>
    public string? Model { get; init; }

    internal RunFolder Run { get; }
}
