using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Loop;

/// <summary>What an alarm does to a run, each time with a line in guard.jsonl: stop it, go back to a good checkpoint, or only report it.</summary>
internal static class GuardAction
{
    /// <summary>What learning rates are multiplied by after each time the run went back.</summary>
    private const double Slower = 0.5;

    /// <summary>What learning rates are multiplied by now.</summary>
    public static double RateFactor(GuardState state) => Math.Pow(Slower, state.Rollbacks);

    /// <summary>Whether a run has to be able to go back to its start.</summary>
    public static bool NeedsStart(Recipe recipe, TrainingState state) =>
        recipe.Guard && recipe.GuardAction == GuardActionKind.Rollback && state.Step == 0;

    /// <summary>Acts. Going back changes weights and all that learns with them; the count of steps goes on, and with it the prompts.</summary>
    /// <returns>What was done.</returns>
    public static GuardActionKind On(
        string alarm, RunFolder run, Learner learner, Recipe recipe, int step, TrainingState state, StepConsole console)
    {
        GuardState guard = state.Guard;
        GuardActionKind action = recipe.GuardAction;
        int? good = action == GuardActionKind.Rollback && guard.Rollbacks < recipe.GuardRollbacks ? guard.GoodStep : null;
        if (action == GuardActionKind.Rollback && good is null) action = GuardActionKind.Stop;
        if (good is { } to)
        {
            learner.Method.Numbers.Clear();
            Checkpoint.Restore(run.CheckpointFolder(to), learner);
            guard.Rollbacks++;
            guard.Held.Clear();
            guard.Near.Clear();
            guard.IsCalm = false; // the weights of a step before; not a checkpoint to go back to by itself
            learner.RateFactor = RateFactor(guard);
        }

        if (!learner.Ranks.IsFirst) return action;
        JsonLines.Append(run.GuardFile, step, [alarm], (writer, text) =>
        {
            writer.WriteString("alarm", text);
            writer.WriteString("action", Words.Of(action));
            if (good is null) return;
            writer.WriteNumber("to_step", good.Value);
            writer.WriteNumber("rate_factor", learner.RateFactor);
        });
        if (action == GuardActionKind.Warn) console.Alarm(alarm);
        if (good is not null) console.Alarm($"{alarm}; back to the weights of step {good}, rate times {learner.RateFactor}");
        return action;
    }
}
