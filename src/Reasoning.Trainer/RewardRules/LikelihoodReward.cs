using Reasoning.Rewards.Shaping;

namespace Reasoning.Trainer.RewardRules;

/// <summary>EM-RL-sequence (arXiv:2505.15134): what the policy itself thinks of the whole answer, as the sampler recorded it.</summary>
internal static class LikelihoodReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "likelihood", "Log-probability of the whole answer.", "EM-RL-sequence, arXiv:2505.15134",
        _ => new PlainRule(sample => EntropyRewards.Sequence(sample.Rollout.LogProbs)));
}
