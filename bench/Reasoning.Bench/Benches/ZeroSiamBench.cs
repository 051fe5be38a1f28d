using Reasoning.Bench.Harness;
using Reasoning.Models.Config;
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
            Row(report, "starter, a stream", zeroLearner, tentLearner, batch[..1], 2 * options.Rounds);
        }

        using var models = new BenchModels();
        Random(report, models, "25 M", BenchModels.Medium, 32, options.Rounds);
        Random(report, models, "0.5B", BenchModels.QwenHalfBillion, 4, options.Rounds);
        report.Note("the program's own step (forward, loss, backward, clip, AdamW, checks); starter: the recipes' batch of 32 prompts × 4 answers, and one answer; "
            + "25 M: seven layers of width 512, random weights; 0.5B: the shape of Qwen2.5-0.5B with random weights; answers of 128 tokens to prompts of 64 for both");
    }

    /// <summary>One model for both learners: twice the weights and moments of a large one would not fit.</summary>
    private static void Random(Report report, BenchModels models, string name, ModelConfig config, int count, int rounds)
    {
        using Policy policy = Policy.Load(models.Random(config, name));
        using Learner zero = Learner.Start(policy, RecipeOf("zerosiam"), ""), tent = Learner.Start(policy, RecipeOf("tent"), "");
        Sample[] answers = [.. Enumerable.Range(0, count).Select(i => new Sample(
            new Rollout("p", i, Ids(i, 64), Ids(i + count, 128), new float[128], FinishReason.Stop), ""))];
        foreach (Sample answer in answers) answer.Learns = true;
        Row(report, name, zero, tent, answers, rounds);

        int[] Ids(int lane, int length) => [.. Enumerable.Range(0, length).Select(i => ((lane * 7919) + (i * 104_729)) % config.VocabSize)];
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
        report.Row($"{name}, {batch.Length} {(batch.Length == 1 ? "answer" : "answers")}, {tokens} tokens", Stats.Time(seconds[0]), Stats.Time(seconds[1]), Stats.Ratio(seconds[1], seconds[0]));
    }

    private static Recipe RecipeOf(string name) => EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe;
}
