namespace Reasoning.Eval.Results;

/// <summary>What a comparison shows, in plain words. A change counts when its 95 % interval excludes zero.</summary>
public enum VerdictKind
{
    /// <summary>There are no gold answers.</summary>
    NotMeasured,

    /// <summary>Greedy, maj@k or pass@k with k above 1 rises: right answers come within reach that were not.</summary>
    Gain,

    /// <summary>Only the sampled pass@1 rises: the model draws the answers it already preferred more often.</summary>
    Sharpening,

    /// <summary>Something falls and nothing rises.</summary>
    Loss,

    /// <summary>Nothing changes beyond what chance explains.</summary>
    NoChange,
}
