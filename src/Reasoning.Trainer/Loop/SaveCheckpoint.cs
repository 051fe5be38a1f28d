using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Loop;

/// <summary>Writes the checkpoint of a step and removes those that are older than the newest few.</summary>
internal static class SaveCheckpoint
{
    /// <summary>Whether a checkpoint belongs to this step.</summary>
    public static bool IsDue(Recipe recipe, int step) =>
        step == recipe.Steps || (recipe.CheckpointEvery > 0 && step % recipe.CheckpointEvery == 0);

    /// <summary>The newest checkpoint that the guard found good is never removed. Of several ranks the first one writes.</summary>
    public static void To(RunFolder run, Learner learner, Recipe recipe, int step, TrainingState state)
    {
        // Not those of interruptions: what the guard goes back to must not depend on them.
        if (state.Guard.IsCalm && (step == 0 || IsDue(recipe, step))) state.Guard.GoodStep = step;
        learner.CompareRanks();
        if (!learner.Ranks.IsFirst) return;
        run.SyncLogs();
        Checkpoint.Save(run.CheckpointFolder(step), learner, step, state);
        if (recipe.KeepCheckpoints == 0) return;
        string? good = state.Guard.GoodStep is { } kept ? run.CheckpointFolder(kept) : null;
        foreach (string old in run.CompleteCheckpoints().SkipLast(recipe.KeepCheckpoints).Where(folder => folder != good))
            CheckpointFolder.Delete(old);
    }
}
