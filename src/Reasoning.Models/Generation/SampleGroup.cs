namespace Reasoning.Models;

/// <summary>All samples of one request: the prompt's cache blocks and last logits, shared until every sample has started.</summary>
internal sealed class SampleGroup(GenerationRequest request, int limit)
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
}
