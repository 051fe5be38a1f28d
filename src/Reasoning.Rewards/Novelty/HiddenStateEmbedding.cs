using Reasoning.Models.Generation;
using Reasoning.Models.Policies;

namespace Reasoning.Rewards.Novelty;

/// <summary>
/// The policy's own view of a text: its hidden states after the final norm, averaged over the tokens. Needs no second model, and moves
/// with the weights. The texts are tokenized for this comparison only; nothing is trained on the ids.
/// </summary>
/// <param name="policy">The model as it is at the time of each call, and its tokenizer.</param>
/// <param name="batchTokens">Tokens computed in one pass; affects memory, never results.</param>
public sealed class HiddenStateEmbedding(Policy policy, int batchTokens = 8192) : ITextEmbedding
{
    /// <inheritdoc/>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        int[][] ids = [.. texts.Select(text => policy.Tokenizer.Encode(text, addSpecialTokens: false))];
        return [.. HiddenMeans.Of(policy.Model, ids, batchTokens).Select(UnitVector.Scale)]; // [texts, width]
    }
}
