using System.Text.Json.Nodes;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Commands;

public sealed class DryRunTests
{
    /// <summary>What a forecast may be off by, on a machine that does nothing else.</summary>
    private const double Tolerance = 0.2;

    [Theory]
    [InlineData("zerosiam", "trainable=all", 1)]
    [InlineData("zerosiam", "optimizer-state=bfloat16", 0.5)]
    [InlineData("ttrl", "trainable=lora", 1)]
    [InlineData("sar", "optimizer=sgd", 0.5)]
    public void What_it_says_of_disk_and_parts_of_memory_is_what_the_run_has(string recipe, string setting, double moments)
    {
        using var folder = new TempFolder();
        string[] args = ["--steps", "5", "--set", "checkpoint-every=2", "--set", "updates-per-rollout=1", "--set", setting];
        JsonNode forecast = Forecast(folder, recipe, args);
        Assert.False(Directory.Exists(folder.File("run")));
        Cli real = Cli.Train(folder, recipe, "run", args);
        Assert.True(real.ExitCode == 0, real.Error);
        RunFolder run = RunFolder.Open(folder.File("run"));

        Assert.Equal((5, 6, 0), (Number("steps"), Number("prompts", "fit"), forecast["prompts"]!["refused"]!.AsArray().Count));
        Assert.InRange(Number("answers", "sampled"), 3 * 6, 5 * 3 * 6);
        Assert.InRange(Number("answers", "tokens", "p50"), 1, Number("answers", "tokens", "max"));
        Assert.InRange(Number("answers", "tokens", "max"), 1, 16);

        Assert.Equal(run.CompleteCheckpoints().Count, Number("disk", "checkpoints"));
        Assert.Equal(3, Number("disk", "while_writing"));
        AssertNear(run.CompleteCheckpoints().Average(Size), Number("disk", "checkpoint"), 0.15); // headers of a tiny model count
        AssertNear(Size(run.ModelFolder), Number("disk", "model"), 0.15);
        AssertNear(new FileInfo(run.MetricsFile).Length + new FileInfo(run.SamplesFile).Length + new FileInfo(run.EventsFile).Length, Number("disk", "logs"), Tolerance);
        AssertNear(Directory.GetFiles(run.Path, "eval-*").Sum(file => new FileInfo(file).Length), Number("disk", "evaluations"), Tolerance);

        long gradients = Number("memory", "gradients");
        Assert.Equal(setting == "trainable=lora", gradients < Number("memory", "weights") / 2);
        Assert.Equal(2 * gradients * moments, Number("memory", "optimizer"));
        Assert.InRange(Number("memory", "peak"), Number("memory", "weights") + gradients, long.MaxValue);
        Assert.True(((string[])["start", "sampling", "update", "probe", "writing", "evaluation"]).All(part => Seconds(part) > 0));
        Assert.Equal(
            Seconds("start") + Seconds("sampling") + Seconds("update") + Seconds("probe") + Seconds("writing") + Seconds("evaluation"), Seconds("total"), 1e-6);
        Assert.Empty(forecast["notes"]!.AsArray());

        long Number(params string[] path) => path.Aggregate(forecast, (node, name) => node[name]!).GetValue<long>();

        double Seconds(string part) => forecast["time"]![part]!.GetValue<double>();
    }

    [Fact]
    public void It_prints_every_part_and_leaves_nothing_behind()
    {
        using TempFolder folder = new(), temporary = new();
        string file = folder.File("long.jsonl");
        PromptSet.Write(file, [new Prompt("short", "Take 1 and 2", "3"), new Prompt("endless", string.Concat(Enumerable.Repeat("Take 1 and 2 ", 60)), "3")]);
        string? before = Environment.GetEnvironmentVariable("TMPDIR");
        try
        {
            Environment.SetEnvironmentVariable("TMPDIR", temporary.Path);
            Cli run = Cli.Run(
                ["train", "--dry-run", "--recipe", "ttrl", "--model", TinyModel.Folder, "--prompts", file, "--out", folder.File("run"), .. Cli.Small,
                "--set", "updates-per-rollout=1", "--set", "max-new-tokens=1"]);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Contains("1 fit, 1 refused: endless", run.Out);
            Assert.Contains("truncated 100.0 %", run.Out);
            Assert.Contains("note          the probe had nothing to learn from", run.Out);
            foreach (string part in (string[])["weights", "gradients", "optimizer", "logits", "cache", "checkpoints", "model", "logs", "sampling", "update", "evaluation"])
                Assert.Contains($"\n  {part}", run.Out);
            Assert.Empty(Directory.GetFileSystemEntries(temporary.Path));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", before);
        }

        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Episodes_are_counted_as_they_are_answered()
    {
        using var folder = new TempFolder();
        string[] args = ["--set", "prompts-per-step=1", "--set", "episode-steps=2", "--steps", "4"];
        JsonNode forecast = Forecast(folder, "zerosiam", args);
        Assert.Equal(0, forecast["disk"]!["model"]!.GetValue<long>());
        Assert.True(forecast["memory"]!["copies"]!.GetValue<long>() >= forecast["memory"]!["gradients"]!.GetValue<long>(), "the start is kept");
    }

    [Theory]
    [InlineData("--seeds=2")]
    [InlineData("--resume")]
    public void It_is_about_one_new_run(string option)
    {
        using var folder = new TempFolder();
        Assert.Contains("--dry-run is about one new run", Cli.Train(folder, "tent", "run", "--dry-run", option).BadInput());
    }

    [Fact]
    public void Quantiles_are_lengths_that_occur()
    {
        Assert.Equal(new Quantiles(5, 50, 95, 100), Quantiles.Of(Enumerable.Range(1, 100).Reverse()));
        Assert.Equal(new Quantiles(7, 7, 7, 7), Quantiles.Of([7]));
        Assert.Equal(new Quantiles(1, 2, 3, 3), Quantiles.Of([3, 1, 2]));
    }

    [Fact]
    public void What_no_part_explains_are_the_activations_of_the_larger_half()
    {
        var memory = new MemoryForecast(1000, 100, 50, 60, 120, 10, 40, 50, 20, 1);
        Assert.Equal(1000 - 100 - 50 - 120 - 10 - 1 - (60 + 40), memory.Activations);
        Assert.Equal(memory.Activations - 30, (memory with { Cache = 80 }).Activations);
        Assert.Equal(0, (memory with { Peak = 10 }).Activations);
        var disk = new DiskForecast(100, 2, 3, 40, 20, 10);
        Assert.Equal((2 * 100) + 40 + 20 + 10, disk.Total);
        Assert.Equal((3 * 100) + 20 + 5, disk.Peak);
    }

    [SlowTheory]
    [InlineData("zerosiam")]
    [InlineData("ttrl")]
    [InlineData("sar")]
    public void The_run_takes_what_it_says(string recipe)
    {
        using var folder = new TempFolder();
        string[] args = ["--recipe", recipe, "--steps", "10", "--set", "eval-problems=64"];
        (string text, _, _) = Child.Run(["train", "--dry-run", "--json", .. args]);
        JsonNode forecast = JsonNode.Parse(text)!;
        (_, double seconds, long peak) = Child.Run(["train", .. args, "--out", folder.File("run")]);
        double disk = Directory.GetFiles(folder.File("run"), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        (string Part, double Expected, double Found)[] parts =
        [
            ("seconds", seconds, forecast["time"]!["total"]!.GetValue<double>()),
            ("memory", peak, forecast["memory"]!["peak"]!.GetValue<long>()),
            ("disk", disk, forecast["disk"]!["total"]!.GetValue<long>()),
        ];
        foreach ((string part, double expected, double found) in parts)
            TestContext.Current.TestOutputHelper!.WriteLine($"{recipe}: {part} {found:F0} of {expected:F0} ({(found / expected) - 1:P1})");
        Assert.All(parts, part => AssertNear(part.Expected, part.Found, Tolerance));
    }

    private static JsonNode Forecast(TempFolder folder, string recipe, string[] args)
    {
        Cli run = Cli.Train(folder, recipe, "run", ["--dry-run", "--json", .. args]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonNode.Parse(run.Out)!;
    }

    private static double Size(string folder) => Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length);

    private static void AssertNear(double expected, double found, double tolerance) =>
        Assert.InRange(found, expected * (1 - tolerance), expected * (1 + tolerance));
}
