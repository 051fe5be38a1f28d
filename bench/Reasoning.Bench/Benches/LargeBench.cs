using Reasoning.Bench.Harness;
using Reasoning.Models.Devices;
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

    private static readonly (string Name, bool Checkpointing, ulong? Rounding)[] s_settings =
        [("AdamW with gradient checkpointing and moments in bfloat16", true, 1), ("AdamW", false, null)];

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
        List<(string Name, Parameter Parameter)> parameters = [.. model.Select(TrainableSet.All), ("predictor", predictor)];
        var batch = new PackedSequences([.. Enumerable.Range(0, 8).Select(_ => Ids(256))]);
        using Scalar share = 1f / batch.Tokens;
        using Tensor counts = full(batch.Tokens, share), tops = zeros(model.Config.VocabSize, ScalarType.Float64);
        foreach ((string name, bool checkpointing, ulong? rounding) in s_settings.Where(setting => setting.Name.Contains(options.Only, StringComparison.Ordinal)))
        {
            model.GradientCheckpointing = checkpointing;
            if (checkpointing) HostMemory.GiveBackLargeBlocks(); // as a run does
            using var optimizer = Optimizer.AdamW(parameters, 0.9, 0.999, _ => 0, rounding);
            if (ProcessMemory.IsKnown) ProcessMemory.ForgetPeak();
            Row($"one ZeroSiam step over 8 × 256 tokens, {name}", Contest.Time(() => Step(optimizer)));
            Row("the same again", Contest.Time(() => Step(optimizer)));
        }

        void Step(Optimizer optimizer)
        {
            using DisposeScope scope = NewDisposeScope();
            using var tokens = new TokenBatch(model.Hidden(batch), counts);
            tokens.Backward(
                ZeroSiam.States(tokens.Hidden, predictor), model.HeadWeight, (rows, batch) => ZeroSiam.Loss(rows, batch, 1, 1, tops), temperature: 1);
            optimizer.Step(1e-6);
            optimizer.ZeroGrad();
        }

        report.Note($"{options.Threads} threads; every position counts in the loss; weights, gradients and two moments are 7.9 GB in float32, 5.9 GB with moments in bfloat16");

        void Row(string name, double seconds) =>
            report.Row(name, Stats.Time(seconds), ProcessMemory.IsKnown ? Stats.Megabytes(ProcessMemory.Peak) : "unknown");
    }
}
