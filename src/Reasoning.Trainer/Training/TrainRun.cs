using System.Text;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>A run from beginning to end: set up, evaluate the base, train, save, evaluate again, compare.</summary>
internal sealed class TrainRun(TrainRequest request, Terminal terminal, TimeProvider clock)
{
    /// <summary>Told after every step, when all that it wrote is in the folder.</summary>
    public Action<RunFolder, int>? AfterStep { get; init; }

    /// <summary>Who trains together; all of them do this run, and the first one writes.</summary>
    public Ranks Ranks { get; init; } = new();

    /// <summary>Does what was asked.</summary>
    /// <param name="stop">Ends the run after what it is doing, with a checkpoint of the last complete step.</param>
    /// <param name="cancel">Ends it at once, where it stands; its last checkpoint is what can be resumed.</param>
    /// <exception cref="UserErrorException">Something in the request cannot be.</exception>
    /// <exception cref="RunFailedException">It went wrong while running.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrainResult Run(CancellationToken stop, CancellationToken cancel = default)
    {
        terminal.Enter(RunPhase.Loading);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, cancel);
        Recipe recipe = request.Recipe.Recipe;
        var notices = new List<string>();
        PromptSet prompts = Load(request.Prompts);
        List<EvalSet> sets = [EvalSet.Of(RunFolder.TargetSet, prompts, recipe.EvalProblems)];
        if (request.Heldout is { } heldout) sets.Add(EvalSet.Of("held-out", Load(heldout), recipe.EvalProblems));
        if (request.Source is { } source) sets.Add(EvalSet.Of("source", Load(source), recipe.EvalProblems));

        if (request.Device is { IsCpu: false, Device.index: <= 0 }) Ranks.Connect(Nccl.Library());
        using Learner learner = Learner.Start(StartPolicy(cancel), recipe, request.Model, request.Device, Ranks);
        (IReadOnlyList<Prompt> fitting, IReadOnlyList<string> refused) = PromptChoice.Of(learner.Policy, prompts, recipe);
        using ServedRollouts? served = ServedRollouts.Open(recipe, learner, fitting[0], both.Token);
        RunRecord record = Describe(prompts, sets, refused, cancel);
        CompareRanks(record);
        using RunOwner? owner = !Ranks.IsFirst ? null : request.Resume ? RunOwner.Take(RunFolder.Open(request.Out!))
            : request.Out is { } place ? RunOwner.Start(place)
            : RunOwner.StartFree("runs", Path.GetFileNameWithoutExtension(request.Recipe.Name));
        RunFolder run = owner?.Run ?? new RunFolder(Ranks.Tell(null));
        if (owner is not null && request.Resume) record = ResumedRun.Record(run, record);
        try
        {
            if (owner is not null)
            {
                if (request.Resume) run.CheckTargets();
                record.Write(run);
                Ranks.Tell(run.Path);
            }

            new Header(terminal, request, record, learner).Write(fitting.Count, run, [.. notices, .. served is null ? (string[])[] : [$"answers come from {served.Describe()}"]]);
            return Run(run, learner, served, new EvaluatedModel(record.Model.Path, record.Model.Hash), fitting, sets, both.Token);
        }
        catch (Exception e) when (e is NotWrittenException or not (UserErrorException or OperationCanceledException))
        {
            throw new RunFailedException(run, e);
        }

        PromptSet Load(string file)
        {
            PromptSet set = PromptSet.Load(file);
            notices.AddRange(set.Notices);
            return set;
        }
    }

    private TrainResult Run(
        RunFolder run, Learner learner, ServedRollouts? served, EvaluatedModel start, IReadOnlyList<Prompt> prompts, List<EvalSet> sets, CancellationToken cancel)
    {
        Recipe recipe = request.Recipe.Recipe;
        int step = 0;
        try
        {
            using var judge = new Judge(recipe, learner.Policy, text => terminal.Progress($"  warning: {text}"), learner);
            learner.Beside = judge.Tensors;
            var evaluation = new BeforeAndAfter(recipe, sets, run, request.BaseFrom, terminal, Ranks);
            terminal.Enter(RunPhase.Evaluating, 0, recipe.Steps);
            IReadOnlyList<EvalResult> before = evaluation.Run(learner.Policy, BeforeAndAfter.Base, start, cancel);
            Probe? probe = Probe.Start(learner.Policy, prompts, recipe, cancel, Ranks);
            TrainingState state = request.Resume ? ResumedRun.Restore(run, learner, recipe, terminal) : new TrainingState();
            step = state.Step;
            if (step < recipe.Steps) evaluation.ForgetAdapted();
            if (step < recipe.Steps) served?.Begin(run, start.Path, start.Hash, state, cancel);
            var episodes = new Episodes(recipe, sets[0].Prompts, evaluation.Options, run, Ranks);
            var loop = new TrainLoop(learner, judge, prompts, episodes, recipe, run, new StepConsole(terminal, recipe), probe, served)
            {
                AfterStep = done => AfterStep?.Invoke(run, done),
            };
            LoopResult end = loop.Run(state, Math.Min(request.StopAfter ?? recipe.Steps, recipe.Steps), cancel);
            step = end.Step;
            if (end.End != LoopEnd.Done || step < recipe.Steps)
            {
                return new TrainResult(run, end.End == LoopEnd.Done ? LoopEnd.Interrupted : end.End, step, end.Reason)
                {
                    Good = end.GoodStep is { } good ? run.CheckpointFolder(good) : null,
                };
            }

            IReadOnlyList<EvalResult> after;
            if (episodes.Any)
            {
                (before, after) = evaluation.OfEpisodes(before, step);
            }
            else
            {
                terminal.Enter(RunPhase.Saving, step, recipe.Steps);
                EvaluatedModel adapted = Ranks.IsFirst ? Save(run, learner) : start;
                terminal.Enter(RunPhase.Evaluating, step, recipe.Steps);
                after = evaluation.Run(learner.Policy, BeforeAndAfter.Adapted, adapted, cancel);
            }

            IReadOnlyList<EvalResult> matched = evaluation.RunMatched(Start, before, after, cancel);
            IReadOnlyList<EvalComparison> comparisons = evaluation.Compare(before, after, matched);
            if (Ranks.IsFirst && !episodes.Any) RunCard.Of(RunRecord.Read(run), recipe, comparisons).Write(run.ModelFolder);
            return new TrainResult(run, LoopEnd.Done, step) { Comparisons = comparisons, Model = episodes.Any ? null : run.ModelFolder };
        }
        catch (OperationCanceledException) when (!learner.Policy.Model.Cancellation.IsCancellationRequested)
        {
            return new TrainResult(run, LoopEnd.Interrupted, step);
        }

        // Nothing learns any more: its moments and its model would stand in memory beside the start model.
        Policy Start()
        {
            learner.Dispose();
            return StartPolicy(cancel);
        }
    }

    /// <summary>Refuses ranks that do not do the same run, before any of them waits for another one.</summary>
    private void CompareRanks(RunRecord record)
    {
        string[] own =
        [
            .. record.Settings.Select(setting => $"{setting.Key}={setting.Value.Value}"), record.Model.Hash,
            .. ((RecordedFile?[])[record.Prompts, record.Heldout, record.Source]).Select(file => file?.Hash ?? ""),
            $"{request.Resume} {request.StopAfter}", request.BaseFrom ?? "", request.Out ?? "",
        ];
        if (Ranks.Other(Encoding.UTF8.GetBytes(string.Join('\n', own))) is { } other)
            throw new UserErrorException($"rank {other} is to do another run than rank 0, or reads another model or other prompts: give all ranks the same");
    }

    private EvaluatedModel Save(RunFolder run, Learner learner)
    {
        Recipe recipe = request.Recipe.Recipe;
        SafeTensorsDType type = recipe.Weights == WeightsKind.Bfloat16 ? SafeTensorsDType.BF16 : SafeTensorsDType.F32;
        learner.Policy.Save(run.ModelFolder, type, card: RunCard.Of(RunRecord.Read(run), recipe, []));
        if (recipe.HasAdapters) PeftAdapter.Save(learner.Policy.Model, run.AdapterFolder, request.Model);
        return new EvaluatedModel(Path.GetFileName(run.ModelFolder), FolderHash.Of(run.ModelFolder, learner.Policy.Model.Cancellation));
    }

    // As the base was when it was evaluated: the types of weights and products are the recipe's.
    private Policy StartPolicy(CancellationToken cancel)
    {
        Recipe recipe = request.Recipe.Recipe;
        Policy policy = Policy.Load(request.Model, recipe.Style, cancel);
        policy.Model.Cancellation = cancel;
        policy.Model.MoveTo(request.Device);
        Learner.SetTypes(policy.Model, recipe);
        if (Ranks.AreSeveral) policy.Source = new DividedSource(policy.Generator, Ranks);
        return policy;
    }

    private RunRecord Describe(PromptSet prompts, List<EvalSet> sets, IReadOnlyList<string> refused, CancellationToken cancel)
    {
        return new RunRecord
        {
            Recipe = request.Recipe.Name,
            Settings = RunRecord.Record(request.Recipe),
            Model = new RecordedFile(request.Model, FolderHash.Of(request.Model, cancel)),
            Prompts = Recorded(prompts),
            Heldout = Evaluated("held-out"),
            Source = Evaluated("source"),
            Refused = refused,
            Machine = new Machine { Device = request.Device.Name, Ranks = Ranks.Count },
            Started = [clock.GetUtcNow()],
        };

        RecordedFile? Evaluated(string name) => sets.Find(set => set.Name == name)?.Prompts is { } set ? Recorded(set) : null;

        static RecordedFile Recorded(PromptSet set) => new(set.Path, set.Hash, set.Prompts.Count) { TextHash = set.TextHash };
    }
}

/// <summary>A run ended with an error; its folder holds what was done until then, and the text of the error.</summary>
public sealed class RunFailedException : Exception
{
    internal RunFailedException(RunFolder run, Exception cause)
        : base(cause.Message, cause) => Run = run;

    /// <summary>The folder.</summary>
    public string Folder => Run.Path;

    internal RunFolder Run { get; }
}
