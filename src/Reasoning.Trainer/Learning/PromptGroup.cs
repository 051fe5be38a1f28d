using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Loop;

namespace Reasoning.Trainer.Learning;

/// <summary>All answers to one prompt in one step.</summary>
/// <param name="prompt">What was asked. Its gold answer is read by the labelled baseline only.</param>
/// <param name="samples">In the order of their numbers.</param>
internal sealed class PromptGroup(Prompt prompt, IReadOnlyList<Sample> samples)
{
    public Prompt Prompt { get; } = prompt;

    public IReadOnlyList<Sample> Samples { get; } = samples;

    /// <summary>Set by <see cref="Judge"/>.</summary>
    public VoteResult? Vote { get; set; }

    /// <summary>For each answer whether the reward takes it for agreeing with the vote: those that do, or what a control puts in their place.</summary>
    public bool[] Agreement { get; set; } = [];

    /// <summary>Why the group does not train; null when it does.</summary>
    public string? Skipped { get; set; }

    /// <summary>Whether the rewards of the answers that learn are all the same, so that no advantage exists.</summary>
    public bool IsFlat { get; set; }

    /// <summary>The answers that enter the loss.</summary>
    public IEnumerable<Sample> Learning => Skipped is null ? Samples.Where(sample => sample.Learns) : [];
}
