using Reasoning.Models;

namespace Reasoning.Rewards.Novelty;

/// <summary>
/// Novelty rewards group after group with one embedding, and what happens when it fails. With novelty switched off a group earns 1 for
/// agreeing with the vote and 0 otherwise, as in plain majority voting.
/// </summary>
/// <param name="embedding">Gives the vectors.</param>
/// <param name="options">The rules of the reward.</param>
/// <param name="onFailure">Whether a failure ends the run.</param>
/// <param name="notice">Told once, in one line, when novelty is switched off.</param>
public sealed class NoveltyScorer(ITextEmbedding embedding, NoveltyOptions options, EmbeddingFailure onFailure, Action<string> notice)
{
    /// <summary>Whether novelty still counts.</summary>
    public bool IsOn { get; private set; } = true;

    /// <summary>Rewards for one group.</summary>
    /// <exception cref="UserErrorException">The embedding failed and <see cref="EmbeddingFailure.Stop"/> was chosen.</exception>
    public NoveltyResult Score(IReadOnlyList<NoveltyResponse> responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        if (IsOn)
        {
            try
            {
                return NoveltyReward.Score(responses, embedding, options);
            }
            catch (UserErrorException e) when (onFailure == EmbeddingFailure.SwitchOff)
            {
                IsOn = false;
                notice($"novelty is off for the rest of the run, the majority alone decides: {e.Message}");
            }
        }
        double[] none = [.. responses.Select(_ => double.NaN)];
        return new NoveltyResult([.. responses.Select(response => response.Agrees ? 1.0 : 0.0)], none, none, none);
    }
}
