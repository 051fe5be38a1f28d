namespace Reasoning.Trainer.RewardRules;

/// <summary>SC-RL (in arXiv:2505.15134): no winner takes all; every answer earns the share of answers that equal it.</summary>
internal static class SoftMajorityReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "soft-majority", "The share of all answers that equal it.", "SC-RL in arXiv:2505.15134",
        _ => new PlainRule(group => group.Vote!.Shares))
    {
        Settings = [new VoteSettings()],
        Votes = true,
    };
}
