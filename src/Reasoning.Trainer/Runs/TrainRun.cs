using Reasoning.Eval;
using Reasoning.Models;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Runs;

/// <summary>A run from beginning to end: set up, evaluate the base, train, save, evaluate again, compare.</summary>
internal sealed class TrainRun(TrainRequest request, Terminal terminal, TimeProvider clock)
{
    /// <summary>Does what was asked.</summary>
    /// <exception cref="UserErrorException">Something in the request cannot be.</exception>
    /// <exception cref="RunFailedException">It went wrong while running.</exception>
    public TrainResult Run(CancellationToken cancel)
    {
        Recipe recipe = request.Recipe.Recipe;
        PromptSet prompts = PromptSet.Load(request.Prompts);
        List<EvalSet> sets = [EvalSet.Of("adapted", prompts, recipe.EvalProblems)];
        if (request.Heldout is { } heldout) sets.Add(EvalSet.Of("held-out", PromptSet.Load(heldout), recipe.EvalProblems));
        if (request.Source is { } source) sets.Add(EvalSet.Of("source", PromptSet.Load(source), recipe.EvalProblems));

        using Learner learner = Learner.Start(Policy.Load(request.Model), recipe);
        (IReadOnlyList<Prompt> fitting, IReadOnlyList<string> refused) = PromptChoice.Of(learner.Policy, prompts, recipe);
        RunRecord record = Describe(prompts, sets, refused);
        RunFolder run = request.Resume ? ResumedRun.Open(request.Out, record) : RunFolder.Create(request.Out);
        try
        {
            record.Write(run);
            new Header(terminal, request, record, learner).Say(fitting.Count, run);
            return Run(run, learner, fitting, sets, cancel);
        }
        catch (Exception e) when (e is not UserErrorException)
        {
            throw new RunFailedException(run, e);
        }
    }

    private TrainResult Run(
        RunFolder run, Learner learner, IReadOnlyList<Prompt> prompts, List<EvalSet> sets, CancellationToken cancel)
    {
        Recipe recipe = request.Recipe.Recipe;
        int step = 0;
        try
        {
            var evaluation = new BeforeAndAfter(recipe, sets, run, request.BaseFrom, terminal);
            IReadOnlyList<EvalResult> before = evaluation.Run(learner.Policy, BeforeAndAfter.Base, cancel);

            TrainingState state = request.Resume ? ResumedRun.Restore(run, learner, recipe.Steps, terminal) : new TrainingState();
            step = state.Step;
            using IObjective objective = Objective(learner, recipe);
            var episodes = new Episodes(recipe, sets[0].Prompts, evaluation.Options, run);
            var loop = new TrainLoop(learner, objective, prompts, episodes, recipe, run, new StepConsole(terminal, recipe));
            LoopResult end = loop.Run(state, Math.Min(request.StopAfter ?? recipe.Steps, recipe.Steps), cancel);
            step = end.Step;
            if (end.End != LoopEnd.Done || step < recipe.Steps)
                return new TrainResult(run, end.End == LoopEnd.Done ? LoopEnd.Interrupted : end.End, step, end.Reason);
            if (episodes.Any) return new TrainResult(run, LoopEnd.Done, step) { Comparisons = evaluation.Compare(episodes, before, step) };

            learner.Policy.Save(run.ModelFolder);
            IReadOnlyList<EvalResult> after = evaluation.Run(learner.Policy, BeforeAndAfter.Adapted, cancel);
            return new TrainResult(run, LoopEnd.Done, step) { Comparisons = evaluation.Compare(before, after), Model = run.ModelFolder };
        }
        catch (OperationCanceledException)
        {
            return new TrainResult(run, LoopEnd.Interrupted, step);
        }
    }

    private IObjective Objective(Learner learner, Recipe recipe) => recipe.Objective switch
    {
        ObjectiveKind.Entropy => new EntropyObjective(learner.Policy, recipe),
        ObjectiveKind.Zerosiam => new ZeroSiamObjective(learner.Policy, learner.Predictor!, recipe),
        _ => new GrpoObjective(learner.Policy, recipe.KlCoefficient > 0 ? new ReferenceModel(CausalLM.Load(request.Model)) : null, recipe),
    };

    private RunRecord Describe(PromptSet prompts, List<EvalSet> sets, IReadOnlyList<string> refused)
    {
        return new RunRecord
        {
            Recipe = request.Recipe.Name,
            Settings = RunRecord.Record(request.Recipe),
            Model = new RecordedFile(request.Model, FolderHash.Of(request.Model)),
            Prompts = new RecordedFile(request.Prompts, prompts.Hash, prompts.Prompts.Count),
            Heldout = Evaluated("held-out"),
            Source = Evaluated("source"),
            Refused = refused,
            Started = [clock.GetUtcNow()],
        };

        RecordedFile? Evaluated(string name) =>
            sets.Find(set => set.Name == name)?.Prompts is { } set ? new RecordedFile(set.Path, set.Hash, set.Prompts.Count) : null;
    }
}
