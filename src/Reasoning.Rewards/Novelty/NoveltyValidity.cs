namespace Reasoning.Rewards.Novelty;

/// <summary>When a response takes part in the novelty comparison; all others earn −1.</summary>
public enum NoveltyValidity
{
    /// <summary>It is not truncated and its answer can be read (ours).</summary>
    ReadableAnswer,

    /// <summary>Its last box holds a digit (paper).</summary>
    FinalBoxHasDigit,

    /// <summary>The text between some <c>\boxed{</c> and the first <c>}</c> after it holds a digit (code).</summary>
    AnyBoxHasDigit,
}
