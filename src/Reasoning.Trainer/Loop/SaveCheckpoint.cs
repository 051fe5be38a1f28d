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

    /// <returns>The folder of the checkpoint.</returns>
    public static string To(RunFolder run, Learner learner, Recipe recipe, int step, TrainingState state)
    {
        string folder = run.CheckpointFolder(step);
        run.SyncLogs();
        Checkpoint.Save(folder, learner, step, state);
        if (recipe.KeepCheckpoints > 0)
        {
            foreach (string old in run.CompleteCheckpoints().SkipLast(recipe.KeepCheckpoints)) CheckpointFolder.Delete(old);
        }

        return folder;
    }
}
