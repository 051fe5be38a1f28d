using Reasoning.Bench.Harness;
using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>Losses over a vocabulary as large as Qwen's, forward and backward: by chunks, and with the logits of all rows at once.</summary>
internal static class HeadBench
{
    public const string Title = "output head, 2,048 positions × width 896 × vocabulary 151,936, forward and backward";

    private const int Rows = 2048;
    private const int Width = 896;
    private const int Vocabulary = 151_936;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("loss", "ours, chunked", "libtorch, full logits", "libtorch / ours", "memory above inputs and their gradients", "libtorch's memory");
        using var tensors = new BenchTensors();
        Tensor hidden = tensors.Add(1, Rows, Width), weight = tensors.Add(0.02, Vocabulary, Width), predictor = tensors.Add(0.01, Width, Width);
        using (no_grad()) predictor.AddInPlace(eye(Width));
        Tensor targets = tensors.Ids(Rows, Vocabulary), weights = tensors.Constant(0, Rows);
        using Tensor tops = zeros(Vocabulary, ScalarType.Float64);
        using Scalar weight1 = 1.0 / Rows;
        weights.fill_(weight1);
        double entropyTime = 0, zeroTime = 0;
        Compare(
            "log-probability and entropy",
            () => OutputHead.Backward([hidden], weight, rows => LogProbAndEntropy(rows.LogProbs(), rows.Of(targets))),
            () => LogProbAndEntropy(nn.functional.log_softmax(nn.functional.linear(hidden, weight), 1), targets).backward());
        entropyTime = Compare("entropy", () => Backward([hidden], Tent.Entropy), null);
        zeroTime = Compare("ZeroSiam", () => Backward(ZeroSiam.States(hidden, predictor), (rows, tokens) => ZeroSiam.Loss(rows, tokens, 1, 1, tops)), null);
        if (entropyTime > 0 && zeroTime > 0) report.Note($"ZeroSiam / entropy: {Stats.Number(zeroTime / entropyTime, "0.00", "×").Text}");
        report.Note("memory: the most that was resident (VmHWM after a reset) in any run, less what was resident before it and the gradients");

        void Backward(Tensor[] states, Func<LogitRows, TokenBatch, Tensor> loss)
        {
            using var tokens = new TokenBatch(hidden, weights);
            tokens.Backward(states, weight, loss, temperature: 1);
        }

        Tensor LogProbAndEntropy(Tensor logProbs, Tensor ids) =>
            (LogitRows.Entropy(logProbs).Times(0.1) - LogitRows.Pick(logProbs, ids)).sum().DividedBy(Rows);

        double Compare(string name, Action ours, Action? theirs)
        {
            if (!options.Wants(name)) return 0;
            long most = 0, theirMost = 0;
            List<Contestant> sides = [new("ours", () => Measure(ours, ref most))];
            if (theirs is not null) sides.Add(new Contestant("libtorch", () => Measure(theirs, ref theirMost)));
            double[][] seconds = Contest.Run(Math.Min(options.Rounds, 3), sides);
            report.Row(
                name, Stats.Time(seconds[0]), theirs is null ? "–" : Stats.Time(seconds[1]), theirs is null ? "–" : Stats.Ratio(seconds[0], seconds[1]),
                Stats.Megabytes(most), theirs is null ? "–" : Stats.Megabytes(theirMost));
            return Stats.Median(seconds[0]);
        }

        double Measure(Action run, ref long most)
        {
            tensors.Clear();
            if (ProcessMemory.IsKnown) ProcessMemory.ForgetPeak();
            long before = ProcessMemory.IsKnown ? ProcessMemory.Resident : 0;
            double seconds = Contest.Time(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                run();
            });
            long gradients = tensors.Learning.Sum(input => input.grad is null ? 0 : input.numel() * sizeof(float));
            if (ProcessMemory.IsKnown) most = Math.Max(most, ProcessMemory.Peak - before - gradients);
            return seconds;
        }
    }
}
