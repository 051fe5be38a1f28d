using Reasoning.Models;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>
/// Takes up a run where its newest complete checkpoint left off, and refuses to go on with anything else than what it began with.
/// </summary>
internal static class ResumedRun
{
    private static readonly HashSet<string> s_free =
        [Words.Kebab(nameof(Recipe.SamplingBatch)), Words.Kebab(nameof(Recipe.MicroBatchTokens)), Words.Kebab(nameof(Recipe.GradientCheckpointing))];

    /// <summary>The recorded settings with those of the command line.</summary>
    /// <param name="recorded">What the run began with.</param>
    /// <param name="overrides">Settings of the command line.</param>
    /// <exception cref="UserErrorException">One of them would change what the finished steps did.</exception>
    public static EffectiveRecipe Settings(EffectiveRecipe recorded, IEnumerable<(string Key, string Value, string Where)> overrides)
    {
        EffectiveRecipe now = recorded.With(overrides);
        foreach (Setting setting in Setting.All)
        {
            bool isFree =
                setting.Group is SettingGroup.Run or SettingGroup.Evaluation or SettingGroup.Guard || s_free.Contains(setting.Name);
            if (isFree && setting.Name != Words.Kebab(nameof(Recipe.Seed))) continue;
            string then = setting.Text(recorded.Recipe), wanted = setting.Text(now.Recipe);
            if (then != wanted)
                throw new UserErrorException(
                    $"--resume: {setting.Name} is {then} in this run and cannot become {wanted}; start a new run with another --out");
        }

        return now;
    }

    /// <summary>Opens the folder of a run whose model and prompts are still the same.</summary>
    /// <exception cref="UserErrorException">They are not.</exception>
    public static RunFolder Open(string path, RunRecord now)
    {
        RunFolder run = RunFolder.Open(path);
        RunRecord then = RunRecord.Read(run);
        Require("model", then.Model, now.Model);
        Require("prompts", then.Prompts, now.Prompts);
        return run;

        void Require(string what, RecordedFile before, RecordedFile after)
        {
            if (before.Hash != after.Hash)
                throw new UserErrorException(
                    $"--resume: the {what} at {after.Path} are not those the run began with ({before.Path}, {before.Hash}); start a new "
                        + $"run");
        }
    }

    /// <summary>Loads the newest complete checkpoint, and removes what later steps have logged.</summary>
    /// <exception cref="UserErrorException">The run has gone further than it is now asked to.</exception>
    public static TrainingState Restore(RunFolder run, Learner learner, int steps, Terminal terminal)
    {
        string? newest = run.CompleteCheckpoints() is [.., var last] ? last : null;
        TrainingState state = newest is null ? new TrainingState() : Checkpoint.Restore(newest, learner);
        if (state.Step > steps) throw new UserErrorException(
            $"--resume: the run in {run.Path} has done {state.Step} steps; ask for at least as many, not {steps}");
        JsonLines.CutAfter(run.MetricsFile, state.Step);
        JsonLines.CutAfter(run.SamplesFile, state.Step);
        JsonLines.CutAfter(run.GuardFile, state.Step);
        EventFile.CutAfter(run.EventsFile, state.Step);
        terminal.Progress(
            newest is null ? "resume: no checkpoint yet, starting at the first step" : $"resume: {newest}, after step {state.Step}");
        return state;
    }
}
