using Reasoning.Rewards.Shaping;

namespace Reasoning.Trainer.RewardRules;

/// <summary>RENT (arXiv:2505.22660): certainty averaged over the tokens; see <see cref="EntropyRewards.MeanToken"/> for answers without a box.</summary>
internal static class MeanEntropyReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "negative-mean-entropy",
        "Minus the mean of the entropies its tokens were drawn with; without an answer one standard deviation below the lowest of the others.",
        "RENT, arXiv:2505.22660",
        _ => new PlainRule(group => EntropyRewards.MeanToken([.. group.Samples.Select(sample => (sample.Entropies, sample.IsAnswered))])))
    {
        NeedsEntropies = true,
    };
}
