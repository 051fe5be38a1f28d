using Reasoning.Rewards;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Turns the rewards of the answers that learn into advantages within their group. A group whose rewards are all the same has nothing to
/// compare: its advantages are zero and it is counted as flat.
/// </summary>
internal static class Advantage
{
    public static void Assign(IReadOnlyList<Group> groups, Recipe recipe)
    {
        if (recipe.Objective != ObjectiveKind.Grpo) return;
        foreach (Group group in groups)
        {
            Sample[] learning = [.. group.Learning];
            double[] rewards = [.. learning.Select(sample => sample.Reward)];
            double[] advantages = recipe.Advantage switch
            {
                AdvantageKind.Grpo => Advantages.Grpo(rewards),
                AdvantageKind.DrGrpo => Advantages.DrGrpo(rewards),
                _ => Advantages.Rloo(rewards),
            };
            for (int i = 0; i < learning.Length; i++) learning[i].Advantage = advantages[i];
            group.IsFlat = group.Skipped is null && Array.TrueForAll(advantages, advantage => advantage == 0);
        }
    }
}
