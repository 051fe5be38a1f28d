using Reasoning.Rewards.Shaping;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Turns the rewards of the answers that learn into advantages within their group. A group whose rewards are all the same has nothing to
/// compare: it is counted as flat, and its advantages are zero (but for REINFORCE++, which whitens over all groups of the step).
/// </summary>
internal static class Advantage
{
    public static void Assign(IReadOnlyList<Group> groups, Recipe recipe)
    {
        if (!recipe.Objective.UsesRewards) return;
        Sample[][] learning = [.. groups.Select(group => group.Learning.ToArray())];
        double[][] rewards = [.. learning.Select(samples => samples.Select(sample => sample.Reward).ToArray())];
        double[][] advantages = recipe.Advantage switch
        {
            AdvantageKind.Grpo => [.. rewards.Select(group => Advantages.Grpo(group))],
            AdvantageKind.DrGrpo => [.. rewards.Select(group => Advantages.DrGrpo(group))],
            AdvantageKind.ReinforcePlusPlus => Advantages.ReinforcePlusPlus(rewards, [.. learning.Select(Lengths)]),
            _ => [.. rewards.Select(group => Advantages.Rloo(group))],
        };
        for (int g = 0; g < groups.Count; g++)
        {
            for (int i = 0; i < learning[g].Length; i++) learning[g][i].Advantage = advantages[g][i];
            groups[g].IsFlat = groups[g].Skipped is null && Array.TrueForAll(rewards[g], reward => reward == rewards[g][0]);
        }
    }

    private static int[] Lengths(Sample[] samples) => [.. samples.Select(sample => sample.Rollout.Ids.Length)];
}
