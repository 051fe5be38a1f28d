using System.Globalization;
using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Benches;

/// <summary>Where a step of the TTRL loop spends its time, by the clocks that the program itself writes into metrics.jsonl.</summary>
internal static class LoopBench
{
    public const string Title = "a loop step of TTRL on the starter: share of the time";

    private const int Steps = 8;
    private const int Uncounted = 2;

    private static readonly (string Name, string Metric)[] s_parts =
    [
        ("sampling", Metrics.SamplingSeconds), ("forward", Metrics.ForwardSeconds), ("backward", Metrics.BackwardSeconds),
        ("optimizer", Metrics.OptimizerSeconds),
    ];

    public static void Run(Report report, BenchOptions options)
    {
        using var models = new BenchModels();
        string run = models.PathOf("run");
        string[] arguments =
        [
            "train", "--recipe", "ttrl", "--model", BenchModels.Starter, "--prompts", Path.Combine(BenchModels.Root, DefaultFiles.Prompts), "--out", run,
            "--steps", Steps.ToString(CultureInfo.InvariantCulture), "--set", "eval-problems=1", "--set", "eval-samples=1",
        ];
        using var quiet = new StringWriter(CultureInfo.InvariantCulture);
        int code = CommandLine.Run(arguments, new Terminal(quiet, quiet, TextReader.Null, isInteractive: false, width: 200), default);
        if (code != 0) throw new InvalidOperationException($"train ended with {code}: {quiet}");

        JsonNode[] steps = [.. File.ReadLines(RunFolder.Open(run).MetricsFile).Select(line => JsonNode.Parse(line)!).Skip(Uncounted)];
        double[] Of(string metric) => [.. steps.Select(step => (double?)step[metric] ?? 0)];
        double[] update = Of(Metrics.UpdateSeconds), judging = Of(Metrics.JudgingSeconds), writing = Of(Metrics.WritingSeconds);
        double[] sampling = Of(Metrics.SamplingSeconds);
        double[] whole = [.. steps.Select((_, i) => sampling[i] + judging[i] + update[i] + writing[i])];
        report.Columns("part", "median", "share of the step");
        double[] rest = [.. whole];
        foreach ((string name, string metric) in s_parts)
        {
            double[] part = Of(metric);
            for (int i = 0; i < rest.Length; i++) rest[i] -= part[i];
            Row(name, part);
        }

        Row("everything else (judging, rows, log, checkpoints)", rest);
        Row("step", whole);
        report.Note($"{Steps} steps of `train --recipe ttrl`, the first {Uncounted} not counted; seconds as metrics.jsonl has them");

        void Row(string name, double[] seconds) => report.Row(
            name,
            Stats.Time(seconds),
            Stats.Number(100 * Stats.Median(seconds.Zip(whole, (part, all) => part / all)), "0.0", "%"));
    }
}
