using System.Diagnostics;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;
using Reasoning.Models.Generation;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Servers;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// The training loop: draw prompts → sample groups → judge → advantages → update → watch → log → save. Each verb is a
/// file of that name beside this one.
/// </summary>
internal sealed class TrainLoop(
    Learner learner, Judge judge, IReadOnlyList<Prompt> prompts, Episodes episodes, Recipe recipe, RunFolder run,
    StepConsole console, Probe? probe = null, ServedRollouts? served = null)
{
    /// <summary>Whether checkpoints are written and the guard may end it; a dry run does without.</summary>
    public bool Saves { get; init; } = true;

    /// <summary>Told after every step, when all that it wrote is there.</summary>
    public Action<int>? AfterStep { get; init; }

    /// <summary>
    /// Runs the steps after <paramref name="state"/> up to <paramref name="lastStep"/>. Who cancels <paramref name="cancel"/> gets a
    /// checkpoint of the last complete step; <see cref="Models.Modeling.CausalLM.Cancellation"/> ends everything where it stands.
    /// </summary>
    /// <exception cref="NonFiniteException">Something is not finite; the ids of the batch are in the run folder.</exception>
    /// <exception cref="OperationCanceledException">Everything is to end where it stands.</exception>
    public LoopResult Run(TrainingState state, int lastStep, CancellationToken cancel)
    {
        var guard = new Guard(recipe, state.Guard);
        learner.RateFactor = GuardAction.RateFactor(state.Guard);
        if (Saves && GuardAction.NeedsStart(recipe, state)) Save(0, state);
        int done = state.Step, saved = state.Step;
        var writing = new Stopwatch();
        while (done < lastStep)
        {
            int step = done + 1;
            using var meter = new Meter();
            meter.Lap(Metrics.WritingSeconds, writing);
            var clock = Stopwatch.StartNew();

            IReadOnlyList<Prompt> drawn = DrawPrompts.For(prompts, recipe.PromptsPerStep, recipe.Seed, episodes.Number(step), recipe.PromptOrder);
            if (episodes.Begins(step)) learner.Reset();
            Enter(RunPhase.Sampling, step);
            if (Sample(drawn, step, state, cancel) is not { } groups)
            {
                if (Saves && done > saved) Save(done, state);
                return new LoopResult(LoopEnd.Interrupted, done);
            }

            meter.Lap(Metrics.SamplingSeconds, clock);
            Enter(RunPhase.Judging, step);
            judge.Score(groups, step);
            Advantage.Assign(groups, recipe);
            MeasureGroups.Into(meter, groups, state.Online);
            judge.Measure(meter, groups);
            ServedRollouts.Measure(meter, groups);
            meter.Lap(Metrics.JudgingSeconds, clock);

            Enter(RunPhase.Updating, step);
            Update(groups, step, meter);
            judge.EndStep(step);
            state.Updates += (long)(meter[Metrics.Updates] ?? 0);
            meter.Lap(Metrics.UpdateSeconds, clock);
            Measure(meter, groups);
            probe?.Measure(meter, Probe.Asks(recipe, step));
            if (episodes.Ends(step)) episodes.Evaluate(learner.Policy, drawn[0], step, CancellationToken.None);
            done = step;

            writing.Restart();
            string? alarm = Saves ? guard.Watch(metric => meter[metric]) : null;
            if (learner.Ranks.IsFirst) LogStep.To(run, recipe, step, groups, meter);
            console.Step(step, groups, meter);
            GuardActionKind? action = alarm is null ? null : GuardAction.On(alarm, run, learner, recipe, step, state, console);
            bool goesOn = action is null or GuardActionKind.Warn;
            bool saves = Saves && (!goesOn || SaveCheckpoint.IsDue(recipe, step) || step == lastStep);
            if (saves) Save(saved = step, state);
            AfterStep?.Invoke(step);
            if (saves && action == GuardActionKind.Stop) return new LoopResult(LoopEnd.Collapsed, step, alarm) { GoodStep = state.Guard.GoodStep };
        }

        return new LoopResult(LoopEnd.Done, done);
    }

    private void Enter(RunPhase phase, int step)
    {
        learner.Policy.Model.Cancellation.ThrowIfCancellationRequested();
        console.Enter(phase, step);
    }

    private void Save(int step, TrainingState state)
    {
        Enter(RunPhase.Saving, step);
        SaveCheckpoint.To(run, learner, recipe, step, state);
    }

    /// <summary>Samples the groups of a step; null when someone asked to stop meanwhile.</summary>
    private IReadOnlyList<PromptGroup>? Sample(IReadOnlyList<Prompt> drawn, int step, TrainingState state, CancellationToken cancel)
    {
        try
        {
            if (served is not null) cancel.ThrowIfCancellationRequested();
            void Show(GenerationProgress progress) => console.Sampling(step, progress);
            IReadOnlyList<PromptGroup> groups = served?.Sample(drawn, step, state, Show, cancel)
                ?? GenerateSamples.From(learner.Policy, drawn, recipe, step, Show, cancel);
            judge.SampleMore(groups, step, cancel);
            return groups;
        }
        catch (OperationCanceledException) when (!learner.Policy.Model.Cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (Saves && step > 1 && e is (ServerFailedException or UserErrorException))
        {
            Save(step - 1, state); // what is complete stays, for the server may come back
            throw;
        }
    }

    /// <summary>Splits the groups into parts and makes one update of each.</summary>
    private void Update(IReadOnlyList<PromptGroup> groups, int step, Meter meter)
    {
        var clock = Stopwatch.StartNew();
        learner.BeginStep([.. groups.SelectMany(group => group.Learning)]);
        meter.Lap(Metrics.ForwardSeconds, clock);
        int parts = Math.Min(recipe.UpdatesPerRollout, groups.Count);
        for (int part = 0; part < parts; part++)
        {
            PromptGroup[] share = [.. groups.Take(((part + 1) * groups.Count) / parts).Skip((part * groups.Count) / parts)];
            Sample[] batch = [.. share.SelectMany(group => group.Learning)];
            if (batch.Length == 0) continue;
            try
            {
                console.Updating(step, part, parts);
                learner.Method.Rule.Update(learner, batch, step, meter);
            }
            catch (NonFiniteException e)
            {
                WriteIncident(step, part, share, e.Message);
                throw;
            }
        }
    }

    private void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        learner.Method.EndStep(meter);
        double seconds = meter[Metrics.SamplingSeconds]!.Value + meter[Metrics.JudgingSeconds]!.Value + meter[Metrics.UpdateSeconds]!.Value;
        meter.Set(Metrics.TokensPerSecond, groups.Sum(group => group.Samples.Sum(sample => sample.Rollout.Ids.Length)) / seconds);
        meter.Set(Metrics.LiveTensors, Tensor.TotalCount);
        using (var process = Process.GetCurrentProcess()) meter.Set(Metrics.ResidentMemory, process.PeakWorkingSet64 >> 20);
        if (DeviceMemory.Of(learner.Device) is { } memory) meter.Set(Metrics.DeviceMemory, memory.Used >> 20);
    }

    private void WriteIncident(int step, int part, PromptGroup[] groups, string what)
    {
        if (!learner.Ranks.IsFirst) return;
        var incident = new
        {
            step,
            update = part + 1,
            what,
            prompts = groups.Select(group => group.Prompt.Id),
            samples = groups.Select(group => group.Learning.Select(sample => sample.Rollout.Sample)),
        };
        Durable.Write(run.IncidentFile(step), file => File.WriteAllText(file, JsonSerializer.Serialize(incident)));
    }
}

/// <summary>How the loop ended.</summary>
/// <param name="End">Why.</param>
/// <param name="Step">Last complete step.</param>
/// <param name="Reason">The guard's reason, in one line; null otherwise.</param>
internal sealed record LoopResult(LoopEnd End, int Step, string? Reason = null)
{
    /// <summary>The newest checkpoint that the guard found good; null where there is none but the start model.</summary>
    public int? GoodStep { get; init; }
}

/// <summary>Why a run ended.</summary>
public enum LoopEnd
{
    /// <summary>All steps are done.</summary>
    Done,

    /// <summary>Someone asked to stop; the last complete step is saved.</summary>
    Interrupted,

    /// <summary>The guard stopped a run that collapses.</summary>
    Collapsed,
}
