using Reasoning.Rewards.Shaping;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Turns the rewards of the answers that learn into advantages, within their group or what part of it the reward compares them with. Where
/// all rewards are the same there is nothing to compare: a group without anything to compare is counted as flat, and its advantages are
/// zero (but for REINFORCE++, which whitens over all groups of the step). Advantages that the reward itself decided stay as they are.
/// </summary>
internal static class Advantage
{
    public static void Assign(IReadOnlyList<PromptGroup> groups, Recipe recipe)
    {
        if (!recipe.Objective.UsesRewards) return;
        Sample[][] compared = [.. groups.SelectMany(group => Comparisons(group.Learning))];
        double[][] rewards = [.. compared.Select(samples => samples.Select(sample => sample.Reward).ToArray())];
        double[][] advantages = recipe.Advantage switch
        {
            AdvantageKind.Grpo => [.. rewards.Select(group => Advantages.Grpo(group))],
            AdvantageKind.DrGrpo => [.. rewards.Select(group => Advantages.DrGrpo(group))],
            AdvantageKind.ReinforcePlusPlus => Advantages.ReinforcePlusPlus(rewards, [.. compared.Select(Lengths)]),
            AdvantageKind.PassAtK => [.. rewards.Select(group => Advantages.PassAtK(group, recipe.PassK))],
            _ => [.. rewards.Select(group => Advantages.Rloo(group))],
        };
        for (int c = 0; c < compared.Length; c++)
        {
            for (int i = 0; i < compared[c].Length; i++) compared[c][i].Advantage = advantages[c][i];
        }

        foreach (PromptGroup group in groups)
        {
            Sample[] learning = [.. group.Learning];
            foreach (Sample sample in learning) sample.Advantage = sample.FixedAdvantage ?? sample.Advantage;
            if (recipe.EntropyShaping) Shape(learning);
            group.IsFlat = group.Skipped is null
                && Array.TrueForAll(learning, sample => sample.FixedAdvantage is null or 0)
                && Comparisons(learning).All(samples => Array.TrueForAll(samples, sample => sample.Reward == samples[0].Reward));
        }
    }

    private static IEnumerable<Sample[]> Comparisons(IEnumerable<Sample> learning) =>
        learning.Where(sample => sample.FixedAdvantage is null).GroupBy(sample => sample.Baseline).Select(samples => samples.ToArray());

    private static void Shape(Sample[] learning)
    {
        double[] factors = Advantages.EntropyFactors([.. learning.Select(sample => sample.MeanEntropy)]);
        for (int i = 0; i < factors.Length; i++) learning[i].Advantage *= factors[i];
    }

    private static int[] Lengths(Sample[] samples) => [.. samples.Select(sample => sample.Rollout.Ids.Length)];
}
