namespace Reasoning.Rewards.Novelty;

/// <summary>Which part of a response is compared with the others.</summary>
public enum NoveltyText
{
    /// <summary>What comes before the last box: the reasoning, so that another answer alone is not novelty (paper: "reasoning part").</summary>
    BeforeFinalBox,

    /// <summary>What follows the first <c>&lt;/think&gt;</c>, the whole response when there is none (code).</summary>
    AfterThinking,
}
