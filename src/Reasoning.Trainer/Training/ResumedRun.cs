using Reasoning.Models;
using Reasoning.Models.SafeTensors;
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

    /// <summary>The record of the run that goes on: what is asked now, with the times of all its starts.</summary>
    /// <exception cref="UserErrorException">Model or prompts, gold answers included, are not those it began with.</exception>
    public static RunRecord Record(RunFolder run, RunRecord now)
    {
        RunRecord then = RunRecord.Read(run);
        bool isFirstFormat = then.Format == 1;
        Require("model", then.Model, isFirstFormat ? now.Model with { Hash = FolderHash.OfFormat1(now.Model.Path) } : now.Model);
        Require("prompts", then.Prompts, now.Prompts);
        Require("held-out prompts", then.Heldout, now.Heldout);
        Require("source prompts", then.Source, now.Source);
        return now with { Started = [.. then.Started, .. now.Started] };

        void Require(string what, RecordedFile? before, RecordedFile? after)
        {
            if (before is null || after is null) return; // evaluated from now on, or no more
            if (before.Hash != (isFirstFormat ? after.TextHash ?? after.Hash : after.Hash))
                throw new UserErrorException(
                    $"--resume: the {what} at {after.Path} are not those the run began with ({before.Path}, {before.Hash}); put them back, "
                        + "or start a new run with another --out");
        }
    }

    /// <summary>
    /// Loads the newest intact checkpoint, sets damaged ones after it aside, and removes what later steps have logged. Of several ranks the first
    /// one does, and the others load what it has found.
    /// </summary>
    /// <exception cref="UserErrorException">No checkpoint is intact, or the run has gone further than it is now asked to.</exception>
    public static TrainingState Restore(RunFolder run, Learner learner, Recipe recipe, Terminal terminal)
    {
        if (!learner.Ranks.IsFirst)
            return learner.Ranks.Tell(null) is { Length: > 0 } found ? Checkpoint.Load(found, learner) : new TrainingState();
        var damaged = new List<string>();
        string? intact = null;
        foreach (string checkpoint in run.Checkpoints().Reverse())
        {
            try
            {
                CheckpointFolder.Verify(checkpoint);
                intact = checkpoint;
                break;
            }
            catch (UserErrorException e)
            {
                terminal.Progress($"resume: skipped {checkpoint}, which is damaged: {e.Message}");
                damaged.Add(checkpoint);
            }
        }

        learner.Ranks.Tell(intact ?? "");
        if (intact is null) return FromTheStart(run, recipe, damaged.Count, terminal);
        TrainingState state = Checkpoint.Load(intact, learner);
        if (state.Step > recipe.Steps) throw new UserErrorException(
            $"--resume: the run in {run.Path} has done {state.Step} steps; ask for at least as many, not {recipe.Steps}");
        foreach (string checkpoint in damaged)
            terminal.Progress($"resume: {checkpoint} is now {run.SetAside(checkpoint)}");
        terminal.Progress($"resume: {intact}, after step {state.Step}");
        int logged = JsonLines.CutAfter(run.MetricsFile, state.Step);
        if (logged < state.Step)
            terminal.Progress($"resume: {run.MetricsFile} ends with step {logged}; what it said of the steps up to {state.Step} is lost");
        CutLogs(run, state.Step);
        return state;
    }

    // A run that had a checkpoint must not begin again in silence. That it had one shows in its log: the steps after the first save.
    private static TrainingState FromTheStart(RunFolder run, Recipe recipe, int damaged, Terminal terminal)
    {
        const string Choice = "put one back, or start a new run with another --out";
        if (damaged > 0)
            throw new UserErrorException($"--resume: none of the {damaged} checkpoints in {run.Path} is intact; {Choice}");
        int logged = JsonLines.CutAfter(run.MetricsFile, int.MaxValue - 1);
        if (recipe.CheckpointEvery > 0 && logged > recipe.CheckpointEvery)
            throw new UserErrorException($"--resume: the run in {run.Path} has done {logged} steps, but no checkpoint is left; {Choice}");
        JsonLines.CutAfter(run.MetricsFile, 0);
        CutLogs(run, 0);
        terminal.Progress("resume: no checkpoint yet, starting at the first step");
        return new TrainingState();
    }

    /// <summary>Removes what steps after a step wrote beside the metrics.</summary>
    private static void CutLogs(RunFolder run, int step)
    {
        JsonLines.CutAfter(run.SamplesFile, step);
        JsonLines.CutAfter(run.GuardFile, step);
        EventFile.CutAfter(run.EventsFile, step);
    }
}
