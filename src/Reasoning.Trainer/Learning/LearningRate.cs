using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Learning;

/// <summary>The learning rate as a pure function of the step, so that it needs no state in a checkpoint.</summary>
internal static class LearningRate
{
    /// <summary>The rate of a step, counted from 1.</summary>
    public static double At(int step, Recipe recipe)
    {
        int warmup = (int)Math.Ceiling(recipe.WarmupShare * recipe.Steps);
        if (step <= warmup) return recipe.LearningRate * step / warmup;
        if (recipe.Schedule == ScheduleKind.Constant) return recipe.LearningRate;
        double progress = (step - warmup - 1.0) / Math.Max(1, recipe.Steps - warmup);
        return recipe.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
