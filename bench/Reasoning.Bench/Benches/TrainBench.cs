using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>A step of supervised training: forward, mean negative log-likelihood of the next token, backward, AdamW.</summary>
internal static class TrainBench
{
    public const string Title = "training step (forward, backward, AdamW) over 4,096 tokens";

    private const int Sequences = 16;
    private const int Length = 256;
    private const double Rate = 1e-5;

    /// <summary>Steps over which the pauses of the garbage collector are counted.</summary>
    private const int PauseSteps = 20;

    public static void Run(Report report, BenchOptions options)
    {
        using var models = new BenchModels();
        report.Columns(
            "model", "ours", "PyTorch, tuned", "tuned / ours", "PyTorch, as installed", "as installed / ours", "our share of the multiply-add peak",
            "managed memory of a step",
            "first loss, ours and theirs");
        Measure("starter (2.9 M)", () => BenchModels.Starter);
        Measure("25 M", () => models.Random(BenchModels.Medium, "medium"));
        report.Note($"{Sequences} sequences of {Length} tokens, the same on both sides; float32; all parameters learn");
        report.Note(
            "multiply-add peak: the time that the matrix products alone would take at the speed of a loop on registers; nobody can be faster on "
            + "these units, and whoever is close to it leaves no room for a multiple");
        report.Note(TorchPair.Explanation);

        void Measure(string name, Func<string> make)
        {
            if (!options.Wants(name)) return;
            string folder = make();
            using CausalLM model = CausalLM.Load(folder);
            using var step = new TrainingStep(model);
            double first = step.Run();
            Contest.WarmUp(() => step.Run());
            using TorchPair peers = TorchPair.Start(
                options, "torch_train.py",
                () => new JsonObject
                {
                    ["model"] = folder,
                    ["batch"] = Sequences,
                    ["length"] = Length,
                    ["learning_rate"] = Rate,
                    ["weight_decay"] = 0.0,
                    ["threads"] = options.Threads,
                    ["device"] = "cpu",
                },
                report);
            double[][] seconds = Contest.Run(options.Rounds, [
                    new("ours", () => Contest.Time(() => step.Run())), .. peers.Contestants,
                    new("peak", () => Sequences * Length * MatrixWork.Training(model.Config) / FmaPeak.Measure(options.Threads)),
                ]);
            if (peers.Tuned is not null && Math.Abs((double)peers.Tuned.Last["first_loss"]! - first) > 1e-3)
                throw new InvalidOperationException($"the sides do not compute the same: loss {first} and {peers.Tuned.Last["first_loss"]}");
            long before = GC.GetTotalAllocatedBytes(precise: true);
            step.Run();
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            TimeSpan pauses = GC.GetTotalPauseDuration();
            double whole = Contest.Time(() =>
            {
                for (int i = 0; i < PauseSteps; i++) step.Run();
            });
            double paused = (GC.GetTotalPauseDuration() - pauses).TotalSeconds / whole;
            report.Row(
            [
                name,
                $"{Stats.Time(Stats.Median(seconds[0]))} ({Stats.Number(Sequences * Length / Stats.Median(seconds[0]), "#,0", "tokens/s")})",
                .. peers.Cells(seconds),
                Stats.Number(100 * Stats.Median(Stats.Ratios(seconds[0], seconds[^1])), "0", "%"),
                $"{Stats.Number(allocated / 1024.0, "0", "KiB")}, {Stats.Number(100 * paused, "0.00", "%")} of the time in collections",
                $"{Stats.Number(first, "0.0000", "")}, {(peers.Tuned is null ? "–" : Stats.Number((double)peers.Tuned.Last["first_loss"]!, "0.0000", ""))}",
            ]);
        }
    }

    /// <summary>The step through the program's own classes: the model, the chunked head, the optimizer.</summary>
    private sealed class TrainingStep : IDisposable
    {
        private readonly CausalLM _model;
        private readonly PackedSequences _batch;
        private readonly OptimizerHelper _optimizer;
        private readonly Tensor _rows;
        private readonly Tensor _targets;

        public TrainingStep(CausalLM model)
        {
            _model = model;
            Parameter[] parameters = [.. model.Select(TrainableSet.All).Select(pair => pair.Parameter)];
            _optimizer = optim.AdamW(parameters, Rate, weight_decay: 0);
            int[][] ids = TrainTokens.Make(Sequences, Length, model.Config.VocabSize);
            _batch = new PackedSequences(ids);
            _rows = tensor([.. Enumerable.Range(0, Sequences * Length).Where(i => i % Length != Length - 1).Select(i => (long)i)]);
            _targets = tensor([.. ids.SelectMany(sequence => sequence.Skip(1)).Select(id => (long)id)]);
        }

        public double Run()
        {
            using DisposeScope scope = NewDisposeScope();
            foreach ((_, Parameter parameter) in _model.named_parameters()) parameter.grad = null;
            Tensor hidden = _model.Hidden(_batch).index_select(0, _rows);
            Tensor loss = OutputHead.Score(hidden, _model.HeadWeight, _targets).LogProb.mean().neg();
            loss.backward();
            _optimizer.step();
            return loss.item<float>();
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _rows.Dispose();
            _targets.Dispose();
        }
    }
}
