namespace Reasoning.Trainer.Runs;

/// <summary>How far a run is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Step">The step that it is in; 0 before the first.</param>
/// <param name="Steps">Steps in all; 0 while that is not known.</param>
/// <param name="Line">What the program prints at this moment; null where only the phase has changed.</param>
public sealed record RunProgress(RunPhase Phase, int Step, int Steps, string? Line);

/// <summary>What a run is doing.</summary>
public enum RunPhase
{
    /// <summary>Reading model and prompts, and preparing what learns.</summary>
    Loading,

    /// <summary>Answering the problems of an evaluation.</summary>
    Evaluating,

    /// <summary>Drawing the answers of a step.</summary>
    Sampling,

    /// <summary>Saying what the answers of a step are worth.</summary>
    Judging,

    /// <summary>Learning from them.</summary>
    Updating,

    /// <summary>Writing a checkpoint, or the adapted model.</summary>
    Saving,
}
