using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>The rewards that recipes can name. A new one is its own file in the folder RewardRules and one line here.</summary>
internal static class RewardKind
{
    public static readonly RewardDeclaration Majority = MajorityReward.Declaration;
    public static readonly RewardDeclaration MajorityNovelty = MajorityNoveltyReward.Declaration;
    public static readonly RewardDeclaration SoftMajority = SoftMajorityReward.Declaration;
    public static readonly RewardDeclaration Scrl = ScrlReward.Declaration;
    public static readonly RewardDeclaration Scope = ScopeReward.Declaration;
    public static readonly RewardDeclaration TeacherVote = TeacherVoteReward.Declaration;
    public static readonly RewardDeclaration Likelihood = LikelihoodReward.Declaration;
    public static readonly RewardDeclaration NegativeEntropy = EntropyReward.Declaration;
    public static readonly RewardDeclaration NegativeMeanEntropy = MeanEntropyReward.Declaration;
    public static readonly RewardDeclaration SelfCertainty = SelfCertaintyReward.Declaration;
    public static readonly RewardDeclaration Gold = GoldReward.Declaration;

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<Reward> All { get; } =
        [Reward.None, .. typeof(RewardKind).GetFields().Select(field => (RewardDeclaration)field.GetValue(null)!)];
}
