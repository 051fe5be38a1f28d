namespace Reasoning.Models.Generation;

/// <summary>One sampled answer. The ids are its only record; text is a view of them and never goes back into training.</summary>
/// <param name="PromptId">The prompt it answers.</param>
/// <param name="Sample">Its number among the samples of that prompt.</param>
/// <param name="PromptIds">The rendered prompt the model saw.</param>
/// <param name="Ids">The sampled ids, the stop id included when one was sampled.</param>
/// <param name="LogProbs">
/// For each of <paramref name="Ids"/> its natural log-probability under softmax(logits / temperature), before top-k and top-p
/// remove anything; at temperature 0 under softmax(logits).
/// </param>
/// <param name="Finish">Why it ended.</param>
public sealed record Rollout(string PromptId, int Sample, int[] PromptIds, int[] Ids, float[] LogProbs, FinishReason Finish)
{
    /// <summary>How many of <see cref="Ids"/> the large model drew, where two models answer together.</summary>
    public int LargeTokens { get; init; }
}
