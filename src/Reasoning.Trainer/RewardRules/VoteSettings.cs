using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>How votes are counted, for every reward that rests on one.</summary>
internal sealed record VoteSettings : MethodSettings
{
    [Setting("word",
        "How votes are weighed: majority, all the same; confidence, by the least certain part of the answer (DeepConf), which takes a forward pass.")]
    public VoteKind Vote { get; init; } = VoteKind.Majority;

    [Setting("share", "For vote confidence: share of a prompt's answers that vote, the most certain ones.", Min = 0, Above = true, Max = 1)]
    public double VoteKeep { get; init; } = 0.9;

    /// <summary>Whether a recipe weighs its votes.</summary>
    public static bool Weighs(Recipe recipe) =>
        recipe.Reward.Settings.OfType<VoteSettings>().Any() && recipe.Of<VoteSettings>().Vote == VoteKind.Confidence;
}

/// <summary>What votes weigh.</summary>
internal enum VoteKind
{
    /// <summary>All the same.</summary>
    Majority,

    /// <summary>As <see cref="ConfidenceWeights"/> says.</summary>
    Confidence,
}
