using Reasoning.Models.Config;
using Reasoning.Models.Random;

namespace Reasoning.Models.Generation;

/// <summary>All samples of one request: the prompt's cache blocks and last logits, shared until every sample has started.</summary>
internal sealed class SequenceGroup(GenerationRequest request, int limit)
{
    internal GenerationRequest Request => request;

    /// <summary>First part of the key of every draw of this prompt.</summary>
    internal ulong Key { get; } = KeyedRandom.Key(request.PromptId);

    /// <summary>Most tokens a sample can have: the option, or what the model's positions leave.</summary>
    internal int Limit => limit;

    internal Rollout[] Rollouts { get; } = new Rollout[request.Samples];

    /// <summary>Samples that have entered the batch.</summary>
    internal int Started { get; set; }

    /// <summary>Blocks of the prompt, the last of them partly filled; empty before prefill.</summary>
    internal int[] Blocks { get; set; } = [];

    /// <summary>Logits of the prompt's last position, from which every sample draws its first token; empty before prefill.</summary>
    internal float[] Logits { get; set; } = [];

    internal bool IsPrefilled => Logits.Length > 0;

    /// <summary>Most tokens an answer to the request can have.</summary>
    /// <exception cref="UserErrorException">The prompt is empty, too long, or not in the model's vocabulary.</exception>
    internal static int LimitOf(GenerationRequest request, SamplingOptions options, ModelConfig config)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Samples, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.FirstSample, nameof(request));
        int length = request.PromptIds.Length, positions = config.MaxPositions, vocabulary = config.VocabSize;
        if (length == 0)
            throw new UserErrorException($"Prompt {request.PromptId} has no tokens; the model needs at least one to start from.");
        if (length >= positions)
        {
            throw new UserErrorException(
                $"Prompt {request.PromptId} has {length} tokens and leaves no room for an answer: the model has {positions} positions. "
                + "Shorten or drop this prompt.");
        }

        foreach (int id in request.PromptIds)
        {
            if ((uint)id >= (uint)vocabulary)
            {
                throw new UserErrorException(
                    $"Prompt {request.PromptId} holds token {id}, but the model's embedding has {vocabulary} rows: tokenizer and model do not match.");
            }
        }

        return Math.Min(options.MaxNewTokens, positions - length);
    }
}
