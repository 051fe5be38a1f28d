using Reasoning.Rewards.Shaping;

namespace Reasoning.Trainer.RewardRules;

/// <summary>EM-RL-token (arXiv:2505.15134): certainty summed over the tokens of an answer, so that short answers earn more.</summary>
internal static class EntropyReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "negative-entropy", "Minus the sum of the entropies its tokens were drawn with.", "EM-RL-token, arXiv:2505.15134",
        _ => new PlainRule(sample => EntropyRewards.Token(sample.Entropies)))
    {
        NeedsEntropies = true,
    };
}
