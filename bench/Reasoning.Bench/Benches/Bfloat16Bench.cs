using System.Globalization;
using Reasoning.Bench.Harness;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>What bfloat16 gains in training and in sampling, and what it costs: how far the log-probabilities move.</summary>
internal static class Bfloat16Bench
{
    public const string Title = "training with products in bfloat16, and sampling with weights rounded to it, beside float32";

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("model, answers × tokens", "float32", "bfloat16", "float32 / bfloat16", "log-prob gap to float32 in nats: mean, 99th percentile, largest");
        Train("starter", () => CausalLM.Load(BenchModels.Starter), 16, 256);
        Train("25 M (random weights)", () => CausalLM.Create(BenchModels.Medium, seed: 1), 16, 256);
        Train("0.5 B (random weights)", () => CausalLM.Create(BenchModels.QwenHalfBillion, seed: 1), 4, 256);
        Measure("starter", () => CausalLM.Load(BenchModels.Starter), 64, 128);
        Measure("25 M (random weights)", () => CausalLM.Create(BenchModels.Medium, seed: 1), 64, 128);
        Measure("0.5 B (random weights)", () => CausalLM.Create(BenchModels.QwenHalfBillion, seed: 1), 16, 32);
        Measure("0.5 B (random weights)", () => CausalLM.Create(BenchModels.QwenHalfBillion, seed: 1), 1, 32);
        report.Note("gap: of the tokens drawn with bfloat16 weights, the distance between the sampler's log-probability and that of the float32 model");
        report.Note("training step: forward, mean negative log-likelihood of the next token, backward, AdamW; gap: of its tokens, the distance of the log-probabilities that both compute, before the first step");

        void Train(string name, Func<CausalLM> make, int sequences, int length)
        {
            string row = string.Create(CultureInfo.InvariantCulture, $"training step, {name}, {sequences} × {length}");
            if (!options.Wants(row)) return;
            using CausalLM model = make();
            using var step = new TrainingStep(model, sequences, length);
            float[] exact = step.LogProbs();
            model.Compute = ScalarType.BFloat16;
            double[] gaps = [.. exact.Zip(step.LogProbs(), (a, b) => (double)Math.Abs(a - b))];
            Row(row, Contest.Run(options.Rounds, [new("float32", () => Timed(null)), new("bfloat16", () => Timed(ScalarType.BFloat16))]), gaps);

            double Timed(ScalarType? compute)
            {
                model.Compute = compute;
                return Contest.Time(() => step.Run());
            }
        }

        void Row(string row, double[][] seconds, IEnumerable<double> distances)
        {
            double[] gaps = [.. distances.Order()];
            report.Row(
                row, Stats.Time(seconds[0]), Stats.Time(seconds[1]), Stats.Ratio(seconds[1], seconds[0]),
                string.Create(CultureInfo.InvariantCulture, $"{gaps.Average():0.0000}, {gaps[(int)(gaps.Length * 0.99)]:0.000}, {gaps[^1]:0.000}"));
        }

        void Measure(string name, Func<CausalLM> make, int answers, int tokens)
        {
            string row = string.Create(CultureInfo.InvariantCulture, $"{name}, {answers} × {tokens}");
            if (!options.Wants(row)) return;
            using CausalLM model = make();
            var generator = new Models.Generation.Generator(model, []);
            int[] prompt = [.. Enumerable.Range(0, 32).Select(i => (i * 37) % model.Config.VocabSize)];
            Rollout[] Sample(bool bfloat16) => generator.Generate(
                [new GenerationRequest("bench", prompt, answers)],
                new SamplingOptions { MaxNewTokens = tokens, Seed = 1, Bfloat16Weights = bfloat16 })[0];
            Contest.WarmUp(() => Sample(false));
            Contest.WarmUp(() => Sample(true));
            Rollout[] rounded = [];
            double[][] seconds = Contest.Run(
                options.Rounds,
                [new("float32", () => Contest.Time(() => Sample(false))), new("bfloat16", () => Contest.Time(() => rounded = Sample(true)))]);
            Row(row, seconds, Gaps(model, rounded));
        }
    }

    private static List<double> Gaps(CausalLM model, Rollout[] rollouts)
    {
        var gaps = new List<double>();
        using IDisposable noGradient = no_grad();
        foreach (Rollout rollout in rollouts)
        {
            using DisposeScope scope = NewDisposeScope();
            var batch = new PackedSequences([[.. rollout.PromptIds, .. rollout.Ids[..^1]]]);
            Tensor hidden = model.Hidden(batch).slice(0, rollout.PromptIds.Length - 1, batch.Tokens, 1); // [answer tokens, width]
            Tensor targets = tensor([.. rollout.Ids.Select(id => (long)id)]);
            float[] exact = OutputHead.Score(hidden, model.HeadWeight, targets).LogProb.data<float>().ToArray();
            gaps.AddRange(exact.Zip(rollout.LogProbs, (a, b) => (double)Math.Abs(a - b)));
        }

        return gaps;
    }
}
