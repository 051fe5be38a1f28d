using System.Globalization;
using System.Text.Json;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>The predictor of ZeroSiam moves in every step, so that a limit on it makes alarms at will.</summary>
public sealed class GuardActionTests
{
    private const string Touchy = "guard-predictor=1e-9";

    [Fact]
    public void Rollback_returns_to_good_weights_with_half_the_rate_and_at_last_stops()
    {
        using var folder = new TempFolder();
        Cli cli = Train(folder, "run", "--steps", "9", "--set", Touchy, "--set", "guard-action=rollback", "--set", "guard-rollbacks=2");

        Assert.Equal(3, cli.ExitCode);
        RunFolder run = RunFolder.Open(folder.File("run"));
        Assert.Equal(
            ["2 rollback 0 0.5", "4 rollback 0 0.25", "6 stop  "], Lines(run.GuardFile).Select(line =>
                $"{Text(line, "step")} {Text(line, "action")} {Text(line, "to_step")} {Text(line, "rate_factor")}"));
        double[] rates = Values(run, Metrics.Rate);
        Assert.Equal(6, rates.Length);
        Assert.Equal(rates[0] / 2, rates[2], 12);
        Assert.Equal(rates[0] / 4, rates[4], 12);
        Assert.Equal(Weights(run, 0), Weights(run, 4)); // written after going back
        Assert.NotEqual(Weights(run, 0), Weights(run, 6));
        Assert.Contains($"the last good checkpoint is {run.CheckpointFolder(0)}", cli.Error);
    }

    [Fact]
    public void A_run_that_goes_back_is_resumed_byte_for_byte()
    {
        using var folder = new TempFolder();
        Cli cli = Cli.Run(
            ["verify-resume", "--recipe", "zerosiam", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "3",
            .. Cli.Small[..6], "--set", Touchy, "--set", "guard-action=rollback", "--set", "guard-rollbacks=9"]);
        Assert.True(cli.ExitCode == 0, cli.Out + cli.Error);
    }

    [Fact]
    public void Warn_says_so_and_goes_on()
    {
        using var folder = new TempFolder();
        Cli cli = Train(folder, "run", "--steps", "4", "--set", Touchy, "--set", "guard-action=warn");

        Assert.Equal(0, cli.ExitCode);
        Assert.Equal(3, cli.Error.Split('\n').Count(line => line.StartsWith("  guard: rule predictor:", StringComparison.Ordinal)));
        Assert.Equal(["warn", "warn", "warn"], Lines(RunFolder.Open(folder.File("run")).GuardFile).Select(line => Text(line, "action")));
    }

    [Fact]
    public void The_checkpoint_that_a_stop_names_is_from_well_before_the_limit_and_is_kept()
    {
        using var folder = new TempFolder();
        Train(folder, "first", "--steps", "1");
        double limit = 4.5 * Values(RunFolder.Open(folder.File("first")), ZeroSiam.PredictorDeviation)[0];
        Cli cli = Train(
            folder, "run", "--steps", "12", "--set", string.Create(CultureInfo.InvariantCulture, $"guard-predictor={limit}"), "--set", "checkpoint-every=1",
            "--set", "keep-checkpoints=1");

        Assert.Equal(3, cli.ExitCode);
        RunFolder run = RunFolder.Open(folder.File("run"));
        double[] deviations = Values(run, ZeroSiam.PredictorDeviation);
        int good = Array.FindLastIndex(deviations, deviation => deviation < limit / 2) + 1;
        Assert.InRange(good, 1, deviations.Length - 3);
        Assert.Contains($"the last good checkpoint is {run.CheckpointFolder(good)};", cli.Error);
        Assert.Equal(
            [run.CheckpointFolder(good), run.CheckpointFolder(deviations.Length)], run.CompleteCheckpoints());
    }

    [Fact]
    public void The_probe_says_how_far_a_model_has_gone_and_nothing_where_it_stays()
    {
        using var folder = new TempFolder();
        Train(folder, "moves", "--steps", "6", "--set", "learning-rate=0.01");
        Train(folder, "stays", "--steps", "3", "--set", "learning-rate=0");

        RunFolder moves = RunFolder.Open(folder.File("moves")), stays = RunFolder.Open(folder.File("stays"));
        Assert.All(Values(stays, Metrics.ProbeKl), distance => Assert.Equal(0, distance));
        Assert.All(Values(stays, Metrics.ProbeEntropy), ratio => Assert.Equal(1, ratio));
        Assert.All(Values(stays, Metrics.ProbeLogitNorm), ratio => Assert.Equal(1, ratio));
        Assert.True(Values(moves, Metrics.ProbeKl)[^1] > 0.01);
    }

    private static Cli Train(TempFolder folder, string name, params string[] more) =>
        Cli.Train(folder, "zerosiam", name, ["--set", "eval-samples=0", .. more]);

    private static byte[] Weights(RunFolder run, int step) => File.ReadAllBytes(Path.Combine(run.CheckpointFolder(step), "model.safetensors"));

    private static double[] Values(RunFolder run, Metric metric) => [.. JsonLines.Numbers(run.MetricsFile).Select(step => step[metric.Name])];

    private static List<JsonElement> Lines(string file) => [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string Text(JsonElement line, string name) => line.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
