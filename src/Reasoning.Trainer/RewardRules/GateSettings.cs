using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>When a vote is clear enough to be a label.</summary>
internal sealed record GateSettings : MethodSettings
{
    [Setting("share", "Share of all answers that the winner of the vote needs to be used as a label.", Min = 0, Max = 1)]
    public double LabelShare { get; init; } = 0.375;

    [Setting("share", "Lead over the second answer that the winner must exceed, as a share of all answers.", Min = 0, Max = 1)]
    public double LabelMargin { get; init; } = 0.125;

    public VoteGate Gate => new() { Share = LabelShare, Margin = LabelMargin };
}
