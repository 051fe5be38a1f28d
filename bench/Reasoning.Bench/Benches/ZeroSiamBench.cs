using Reasoning.Bench.Harness;
using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>What the predictor and the second branch cost: a ZeroSiam step beside a Tent step on the same answers.</summary>
internal static class ZeroSiamBench
{
    public const string Title = "ZeroSiam step beside Tent step";

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("", "ZeroSiam", "Tent", "ZeroSiam / Tent");
        Steps(report, options);
        Heads(report, options);
        report.Note("starter: the program's own step on the recipes' batch of 32 prompts × 4 answers (forward, loss, backward, clip, AdamW, checks)");
        report.Note("head: loss and gradients of hidden states and weight (and predictor) at the shape of the benchmark 'head'");
    }

    private static void Steps(Report report, BenchOptions options)
    {
        Recipe zero = RecipeOf("zerosiam"), tent = RecipeOf("tent");
        using Learner zeroLearner = Learner.Start(Policy.Load(BenchModels.Starter), zero);
        using Learner tentLearner = Learner.Start(Policy.Load(BenchModels.Starter), tent);
        using var zeroObjective = new ZeroSiamObjective(zeroLearner.Policy, zeroLearner.Predictor!, zero);
        using var tentObjective = new EntropyObjective(tentLearner.Policy, tent);
        IReadOnlyList<Prompt> prompts = PromptSet.Load(Path.Combine(Peer.Root, DefaultFiles.Prompts)).Prompts;
        IReadOnlyList<Prompt> drawn = DrawPrompts.For(prompts, zero.PromptsPerStep, zero.Seed, 1);
        Sample[] batch = [.. SampleGroups.From(zeroLearner.Policy, drawn, zero, 1, _ => { }, default).SelectMany(group => group.Samples)];
        double Step(IObjective objective, Learner learner, Recipe recipe) => Contest.Time(() =>
        {
            var meter = new Meter();
            objective.Begin(batch);
            OptimizerStep.Apply(learner, objective.Accumulate(batch, meter)!.Value, recipe, 1, meter);
        });
        double Zero() => Step(zeroObjective, zeroLearner, zero);
        double Tent() => Step(tentObjective, tentLearner, tent);
        Contest.WarmUp(() => Zero());
        Contest.WarmUp(() => Tent());
        double[][] seconds = Contest.Run(2 * options.Rounds, [new("ZeroSiam", Zero), new("Tent", Tent)]);
        int tokens = batch.Sum(sample => sample.Rollout.PromptIds.Length + sample.Rollout.Ids.Length);
        Row(report, $"step, starter, {batch.Length} answers, {tokens} tokens", seconds);
    }

    private static void Heads(Report report, BenchOptions options)
    {
        using Tensor hidden = HeadInputs.Gaussian(1, HeadBench.Rows, HeadBench.Width);
        using Tensor weight = HeadInputs.Gaussian(0.02f, HeadBench.Vocabulary, HeadBench.Width);
        using Tensor predictor = eye(HeadBench.Width);
        using Tensor counts = full(HeadBench.Rows, 1f / HeadBench.Rows);
        using (no_grad()) predictor.add_(0.01);
        foreach (Tensor input in (Tensor[])[hidden, weight, predictor]) input.requires_grad = true;
        double Step(Func<Tensor> loss)
        {
            foreach (Tensor input in (Tensor[])[hidden, weight, predictor]) input.grad = null;
            return Contest.Time(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                loss().backward();
            });
        }

        double Zero() => Step(() => ZeroSiamHead.Loss(hidden, predictor, weight, counts, alpha: 1).Loss);
        double Tent() => Step(() => OutputHead.EntropyLoss(hidden, weight, counts).Loss);
        double[][] seconds = Contest.Run(Math.Min(options.Rounds, 3), [new("ZeroSiam", Zero), new("Tent", Tent)]);
        Row(report, $"head, {HeadBench.Rows} × {HeadBench.Width} × {HeadBench.Vocabulary}", seconds);
    }

    private static void Row(Report report, string name, double[][] seconds) => report.Row(
        name, Stats.Time(Stats.Median(seconds[0])), Stats.Time(Stats.Median(seconds[1])), Stats.Ratio(Stats.Ratios(seconds[1], seconds[0])));

    private static Recipe RecipeOf(string name) => EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe;
}
