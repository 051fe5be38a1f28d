using Reasoning.Models;
using Reasoning.Rewards;

namespace Reasoning.Trainer.Loop;

/// <summary>One rollout with what the judge found.</summary>
/// <param name="rollout">What was sampled.</param>
/// <param name="text">A view of the ids, for the answer parser and for people.</param>
internal sealed class Sample(Rollout rollout, string text)
{
    public Rollout Rollout { get; } = rollout;

    public string Text { get; } = text;

    public Extraction Extraction { get; } = AnswerExtractor.Extract(text);

    /// <summary>Whether it ran into the token limit.</summary>
    public bool IsTruncated => Rollout.Finish == FinishReason.Length;

    /// <summary>Whether it has an answer that may vote.</summary>
    public bool IsAnswered => !IsTruncated && Extraction.Answer is not null;

    /// <summary>Whether the answer equals the vote. Says nothing about being correct.</summary>
    public bool Agrees { get; set; }

    public double Reward { get; set; }

    public double Advantage { get; set; }

    /// <summary>Whether it takes part in group statistics and loss.</summary>
    public bool Learns { get; set; }
}
