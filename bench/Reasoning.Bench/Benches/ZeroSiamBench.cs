using Reasoning.Bench.Harness;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Benches;

/// <summary>What the predictor and the second branch cost: a ZeroSiam step beside a Tent step on the same answers.</summary>
internal static class ZeroSiamBench
{
    public const string Title = "ZeroSiam step beside Tent step";

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("step", "ZeroSiam", "Tent", "ZeroSiam / Tent");
        Recipe zero = RecipeOf("zerosiam"), tent = RecipeOf("tent");
        using Learner zeroLearner = Learner.Start(Policy.Load(BenchModels.Starter), zero, BenchModels.Starter);
        using Learner tentLearner = Learner.Start(Policy.Load(BenchModels.Starter), tent, BenchModels.Starter);
        IReadOnlyList<Prompt> prompts = PromptSet.Load(Path.Combine(BenchModels.Root, DefaultFiles.Prompts)).Prompts;
        IReadOnlyList<Prompt> drawn = DrawPrompts.For(prompts, zero.PromptsPerStep, zero.Seed, 1);
        Sample[] batch = [.. GenerateSamples.From(zeroLearner.Policy, drawn, zero, 1, _ => { }, default).SelectMany(group => group.Samples)];
        double Step(Learner learner) => Contest.Time(() =>
        {
            var meter = new Meter();
            learner.BeginStep(batch);
            learner.Method.Rule.Update(learner, batch, 1, meter);
        });
        double Zero() => Step(zeroLearner);
        double Tent() => Step(tentLearner);
        Contest.WarmUp(() => Zero());
        Contest.WarmUp(() => Tent());
        double[][] seconds = Contest.Run(2 * options.Rounds, [new("ZeroSiam", Zero), new("Tent", Tent)]);
        int tokens = batch.Sum(sample => sample.Rollout.PromptIds.Length + sample.Rollout.Ids.Length);
        report.Row(
            $"starter, {batch.Length} answers, {tokens} tokens", Stats.Time(seconds[0]), Stats.Time(seconds[1]), Stats.Ratio(seconds[1], seconds[0]));
        report.Note("the program's own step on the recipes' batch of 32 prompts × 4 answers (forward, loss, backward, clip, AdamW, checks)");
    }

    private static Recipe RecipeOf(string name) => EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe;
}
