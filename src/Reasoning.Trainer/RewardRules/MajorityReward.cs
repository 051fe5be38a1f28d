namespace Reasoning.Trainer.RewardRules;

/// <summary>TTRL (Zuo et al. 2025, arXiv:2504.16084): the vote of all answers stands for the label.</summary>
internal static class MajorityReward
{
    public static RewardDeclaration Declaration { get; } = new(
        "majority", "1 if it equals the vote, else 0.", "TTRL, arXiv:2504.16084, section 2",
        _ => new PlainRule(group => [.. group.Agreement.Select(agrees => agrees ? 1.0 : 0)]))
    {
        Settings = [new VoteSettings()],
        Votes = true,
        UsesAgreement = true,
        IsBinary = true,
    };
}
