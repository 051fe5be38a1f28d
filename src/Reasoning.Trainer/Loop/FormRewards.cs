using Reasoning.Rewards.Shaping;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>What an answer earns or loses by its form, on top of its reward; nothing unless the recipe asks for it.</summary>
internal static class FormRewards
{
    public static double Of(Sample sample, Recipe recipe)
    {
        double reward = 0;
        if (recipe.FormatWeight > 0) reward += recipe.FormatWeight * RewardShaping.Format(sample.Extraction);
        if (recipe.RepetitionWeight > 0) reward -= recipe.RepetitionWeight * RewardShaping.Repetition(sample.Rollout.Ids);
        if (recipe.OverlongBuffer > 0)
            reward += RewardShaping.Overlong(sample.Rollout.Ids.Length, recipe.MaxNewTokens, recipe.OverlongBuffer, recipe.OverlongFactor);
        return reward;
    }
}
