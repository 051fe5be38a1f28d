using Reasoning.Models.Random;

namespace Reasoning.Models.Generation;

/// <summary>One rollout while it is being sampled.</summary>
internal sealed class Sequence(SequenceGroup group, int sample)
{
    private readonly List<int> _ids = [];
    private readonly List<float> _logProbs = [];

    internal SequenceGroup Group => group;

    /// <summary>Index among the group's rollouts.</summary>
    internal int Index => sample;

    /// <summary>Number of the sample in the key of its draws.</summary>
    internal int Sample => group.Request.FirstSample + sample;

    /// <summary>Numbers of the blocks in use, then unused places for some of those to come.</summary>
    internal int[] Blocks { get; private set; } = [];

    internal int BlockCount { get; private set; }

    /// <summary>Tokens sampled so far.</summary>
    internal int Count => _ids.Count;

    internal int LastId => _ids[^1];

    /// <summary>The sampled token of a number.</summary>
    internal int this[int number] => _ids[number];

    /// <summary>Position of the last sampled token, the next one to be fed to the model.</summary>
    internal int LastPosition => group.Request.PromptIds.Length + _ids.Count - 1;

    /// <summary>Takes another block into use. Places grow with the answer: an answer may be allowed hundreds of millions of tokens.</summary>
    internal void Add(int block)
    {
        int[] blocks = Blocks;
        if (BlockCount == blocks.Length) Array.Resize(ref blocks, Math.Max(8, 2 * BlockCount));
        blocks[BlockCount++] = block;
        Blocks = blocks;
    }

    /// <summary>Draws the next token from its logits, with the key of its place.</summary>
    /// <exception cref="UserErrorException">The logits are not finite.</exception>
    internal Sampler.Draw DrawNext(ReadOnlySpan<float> logits, SamplingOptions options)
    {
        double uniform = KeyedRandom.Uniform(options.Seed, (ulong)options.Step, group.Key, (ulong)Sample, (ulong)Count);
        try
        {
            return Sampler.Next(logits, options, uniform);
        }
        catch (ArithmeticException e)
        {
            throw new UserErrorException(
                $"Prompt {group.Request.PromptId}, sample {Sample}, token {Count}: {e.Message}; "
                + "the weights hold a value that is not finite, or have grown beyond float32.", e);
        }
    }

    /// <summary>Appends a token; returns how the rollout ended, or null if it goes on.</summary>
    internal FinishReason? Append(Sampler.Draw draw, IReadOnlySet<int> stopIds)
    {
        _ids.Add(draw.Id);
        _logProbs.Add(draw.LogProb);
        return stopIds.Contains(draw.Id) ? FinishReason.Stop : _ids.Count == group.Limit ? FinishReason.Length : null;
    }

    internal Rollout ToRollout(FinishReason finish) =>
        new(group.Request.PromptId, Sample, group.Request.PromptIds, [.. _ids], [.. _logProbs], finish);
}
