namespace Reasoning.Eval.Results;

/// <summary>What a comparison shows, in plain words. A change counts when its p-value is below 5 % after the correction for all that is printed.</summary>
public enum VerdictKind
{
    /// <summary>There are no gold answers.</summary>
    NotMeasured,

    /// <summary>
    /// maj@k or pass@k with k above 1 rises, or greedy decoding answers better than the start model's vote did: right answers come within reach
    /// that were not. Where the start model was measured at the temperature that makes it as certain, it has to be above that too.
    /// </summary>
    Gain,

    /// <summary>
    /// Only pass@1 or greedy rise, or what else a lower temperature raises as much: the model gives the answers that its vote already preferred
    /// more often.
    /// </summary>
    Sharpening,

    /// <summary>Something falls and nothing rises.</summary>
    Loss,

    /// <summary>Nothing changes beyond what chance explains.</summary>
    NoChange,
}
