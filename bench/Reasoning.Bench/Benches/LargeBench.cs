using Reasoning.Bench.Harness;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>Whether a model of half a billion parameters fits a laptop: time and peak memory of one training step and of sampling.</summary>
internal static class LargeBench
{
    public const string Title = "a model of the shape of Qwen2.5-0.5B (24 layers, width 896, vocabulary 151,936), random weights, float32";

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("part", "time", "peak resident memory of the process");
        double making = 0;
        CausalLM? created = null;
        making = Contest.Time(() => created = CausalLM.Create(BenchModels.QwenHalfBillion, seed: 1));
        using CausalLM model = created!;
        Row("making the model", making);

        var random = new Random(1);
        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(model.Config.VocabSize))];
        var generator = new Models.Generation.Generator(model, []);
        var settings = new SamplingOptions { MaxNewTokens = 64, Seed = 1 };
        Rollout[] rollouts = [];
        Row("sampling 16 × 64 tokens to a prompt of 32", Contest.Time(() =>
            rollouts = generator.Generate([new GenerationRequest("bench", Ids(32), 16)], settings)[0]));
        Row("the same again", Contest.Time(() => rollouts = generator.Generate([new GenerationRequest("bench", Ids(32), 16)], settings)[0]));
        if (rollouts.Sum(rollout => rollout.Ids.Length) != 16 * 64) throw new InvalidOperationException("an answer stopped early");

        using var predictor = new Parameter(eye(model.Config.HiddenSize));
        Parameter[] parameters = [.. model.Select(TrainableSet.All).Select(pair => pair.Parameter), predictor];
        using OptimizerHelper optimizer = optim.AdamW(parameters, 1e-6, weight_decay: 0);
        var batch = new PackedSequences([.. Enumerable.Range(0, 8).Select(_ => Ids(256))]);
        using Tensor counts = full(batch.Tokens, 1f / batch.Tokens), tops = zeros(model.Config.VocabSize, ScalarType.Float64);
        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            foreach (Parameter parameter in parameters) parameter.grad = null;
            using var tokens = new TokenBatch(model.Hidden(batch), counts);
            tokens.Backward(
                ZeroSiam.States(tokens.Hidden, predictor), model.HeadWeight, (rows, batch) => ZeroSiam.Loss(rows, batch, 1, 1, tops), temperature: 1);
            optimizer.step();
        }

        Row("one ZeroSiam step over 8 × 256 tokens, with AdamW", Contest.Time(Step));
        Row("the same again", Contest.Time(Step));
        report.Note($"{options.Threads} threads; every position counts in the loss; weights, gradients and two moments alone are 7.9 GB");

        void Row(string name, double seconds) =>
            report.Row(name, Stats.Time(seconds), ProcessMemory.IsKnown ? Stats.Megabytes(ProcessMemory.Peak) : "unknown");
    }
}
