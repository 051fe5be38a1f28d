namespace Reasoning.Trainer.RewardRules;

/// <summary>The labelled baseline, which says so in its header.</summary>
internal static class GoldReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "gold", "1 if it equals the gold answer, else 0: the labelled baseline.", "RLVR",
        _ => new PlainRule(group => [.. group.Samples.Select(sample => sample.IsCorrect(group.Prompt) ? 1.0 : 0)]))
    {
        UsesGold = true,
        IsBinary = true,
    };
}
