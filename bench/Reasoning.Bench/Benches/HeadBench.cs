using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>Log-probability of the target and entropy over a vocabulary as large as Qwen's, forward and backward.</summary>
internal static class HeadBench
{
    public const string Title = "output head, 2,048 positions × width 896 × vocabulary 151,936, forward and backward";

    public const int Rows = 2048;
    public const int Width = 896;
    public const int Vocabulary = 151_936;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("", "ours, chunked", "PyTorch, tuned, full logits", "PyTorch / ours");
        using Tensor hidden = HeadInputs.Gaussian(1, Rows, Width), weight = HeadInputs.Gaussian(0.02f, Vocabulary, Width);
        hidden.requires_grad = true;
        weight.requires_grad = true;
        using Tensor targets = HeadInputs.Targets(Rows, Vocabulary);
        long peakBytes = 0;

        double Step()
        {
            hidden.grad = null;
            weight.grad = null;
            if (ProcessMemory.IsKnown) ProcessMemory.ForgetPeak();
            long before = ProcessMemory.IsKnown ? ProcessMemory.Resident : 0;
            double seconds = Contest.Time(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                HeadScores scores = OutputHead.Score(hidden, weight, targets);
                Tensor loss = (scores.Entropy.mean() * 0.1) - scores.LogProb.mean();
                loss.backward();
            });
            long gradients = (hidden.numel() + weight.numel()) * sizeof(float);
            if (ProcessMemory.IsKnown) peakBytes = Math.Max(0, ProcessMemory.Peak - before - gradients);
            return seconds;
        }

        // What earlier runs left in the pool would hide what a run needs: the largest of all runs counts, the first is one of them.
        long most = 0;
        double Measured()
        {
            double seconds = Step();
            most = Math.Max(most, peakBytes);
            return seconds;
        }

        Measured();
        using Peer? peer = Peer.Start(
            options, "torch_head.py",
            new JsonObject
            {
                ["rows"] = Rows,
                ["width"] = Width,
                ["vocab"] = Vocabulary,
                ["threads"] = options.Threads,
                ["device"] = "cpu",
                ["seed"] = 1,
            },
            report);
        List<Contestant> sides = [new("ours", Measured)];
        if (peer is not null)
        {
            sides.Add(peer.AsContestant());
            report.Note($"{peer.Name}: {peer.Note}");
        }

        double[][] times = Contest.Run(Math.Min(options.Rounds, 5), sides);
        report.Row(
            "time",
            Stats.Time(Stats.Median(times[0])),
            peer is null ? "–" : Stats.Time(Stats.Median(times[1])),
            peer is null ? "–" : Stats.Ratio(Stats.Ratios(times[0], times[1])));
        report.Row(
            "peak memory above inputs and their gradients",
            Stats.Megabytes(most),
            peer is null ? "–" : Stats.Megabytes((double)peer.Last["peak_bytes"]!),
            peer is null ? "–" : Stats.Number((double)peer.Last["peak_bytes"]! / Math.Max(1, most), "0.0", "×"));
        report.Note("peak: resident memory as the kernel counts it (VmHWM after a reset), less what was resident before and the gradients");
    }
}
