using Reasoning.Bench.Harness;
using Reasoning.Models.Generation;
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
        using (Learner zeroLearner = Learner.Start(Policy.Load(BenchModels.Starter), zero, BenchModels.Starter))
        using (Learner tentLearner = Learner.Start(Policy.Load(BenchModels.Starter), tent, BenchModels.Starter))
        {
            IReadOnlyList<Prompt> prompts = PromptSet.Load(Path.Combine(BenchModels.Root, DefaultFiles.Prompts)).Prompts;
            IReadOnlyList<Prompt> drawn = DrawPrompts.For(prompts, zero.PromptsPerStep, zero.Seed, 1);
            Sample[] batch = [.. GenerateSamples.From(zeroLearner.Policy, drawn, zero, 1, _ => { }, default).SelectMany(group => group.Samples)];
            Row(report, "starter", zeroLearner, tentLearner, batch, 2 * options.Rounds);
        }

        // One model for both: twice its weights and moments would not fit.
        using var models = new BenchModels();
        using Policy half = Policy.Load(models.Random(BenchModels.QwenHalfBillion, "half"));
        using Learner zeroHalf = Learner.Start(half, zero, ""), tentHalf = Learner.Start(half, tent, "");
        Sample[] answers = [.. Enumerable.Range(0, 4).Select(i => new Sample(
            new Rollout("p", i, Ids(i, 64), Ids(i + 4, 128), new float[128], FinishReason.Stop), ""))];
        foreach (Sample answer in answers) answer.Learns = true;
        Row(report, "0.5B", zeroHalf, tentHalf, answers, options.Rounds);
        report.Note("the program's own step (forward, loss, backward, clip, AdamW, checks); starter: the recipes' batch of 32 prompts × 4 answers; "
            + "0.5B: the shape of Qwen2.5-0.5B with random weights, 4 answers of 128 tokens to prompts of 64");
    }

    private static void Row(Report report, string name, Learner zero, Learner tent, Sample[] batch, int rounds)
    {
        double Step(Learner learner) => Contest.Time(() =>
        {
            var meter = new Meter();
            learner.BeginStep(batch);
            learner.Method.Rule.Update(learner, batch, 1, meter);
        });
        Contest.WarmUp(() => Step(zero));
        Contest.WarmUp(() => Step(tent));
        double[][] seconds = Contest.Run(rounds, [new("ZeroSiam", () => Step(zero)), new("Tent", () => Step(tent))]);
        int tokens = batch.Sum(sample => sample.Rollout.PromptIds.Length + sample.Rollout.Ids.Length);
        report.Row($"{name}, {batch.Length} answers, {tokens} tokens", Stats.Time(seconds[0]), Stats.Time(seconds[1]), Stats.Ratio(seconds[1], seconds[0]));
    }

    private static int[] Ids(int lane, int count) => [.. Enumerable.Range(0, count).Select(i => ((lane * 7919) + (i * 104_729)) % BenchModels.QwenHalfBillion.VocabSize)];

    private static Recipe RecipeOf(string name) => EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe;
}
