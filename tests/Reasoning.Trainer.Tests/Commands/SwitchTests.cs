using System.Text.Json;
using Reasoning.Models.Devices;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Every switch of reward, vote and advantage runs through the program.</summary>
public sealed class SwitchTests
{
    [Theory]
    [InlineData("evol-rl", "embedding=hidden-states")]
    [InlineData("evol-rl", "novelty-rules=paper")]
    [InlineData("evol-rl", "novelty-rules=code", "novelty-alpha=0.2")]
    [InlineData("ttrl", "advantage=reinforce++")]
    [InlineData("ttrl", "advantage=dr-grpo", "aggregation=constant")]
    [InlineData("ttrl", "reward=soft-majority")]
    [InlineData("ttrl", "vote=confidence", "vote-keep=0.5")]
    [InlineData("evol-rl", "vote=confidence")]
    [InlineData("scrl", "vote=confidence", "entropy-shaping=true")]
    [InlineData("scrl", "rare-share=0.25", "label-share=0.5", "label-margin=0", "certainty-weight=0")]
    [InlineData("co-rewarding", "vote=confidence", "teacher-rate=0.5", "trainable=lora")]
    [InlineData("co-rewarding", "advantage=pass@k", "pass-k=2")]
    [InlineData("ttrl", "advantage=pass@k", "pass-k=2", "entropy-shaping=true")]
    [InlineData("em-rl-sequence", "reward=negative-mean-entropy")]
    [InlineData("ttrl", "format-weight=0.1", "repetition-weight=0.5", "overlong-buffer=4", "truncated=penalize")]
    [InlineData("ttrl", "answer-place=anywhere", "minimum-valid-share=0.5")]
    [InlineData("zerosiam", "weights=bfloat16")]
    [InlineData("ttrl", "weights=bfloat16", "trainable=lora")]
    [InlineData("ttrl", "sampling-weights=bfloat16")]
    [InlineData("zerosiam", "compute=bfloat16")]
    [InlineData("tent", "compute=bfloat16")]
    [InlineData("ttrl", "compute=bfloat16", "trainable=lora")]
    [InlineData("ttrl", "control=random")]
    [InlineData("evol-rl", "control=shuffled")]
    public void A_switch_runs_two_steps_and_is_recorded(string recipe, params string[] settings)
    {
        SkipWithoutUnits(settings);
        using var folder = new TempFolder();
        Cli run = Cli.Train(
            folder, recipe, "run", ["--steps", "2", "--set", "eval-samples=0", "--set", "updates-per-rollout=2", .. settings.SelectMany(setting => new[] { "--set", setting })]);

        Assert.True(run.ExitCode == 0, run.Error);
        string record = File.ReadAllText(Path.Combine(folder.File("run"), "run.json"));
        using JsonDocument document = JsonDocument.Parse(record);
        foreach (string setting in settings) Assert.Contains(setting.Split('=')[1], record);
        Assert.Equal(2, File.ReadLines(Path.Combine(folder.File("run"), "metrics.jsonl")).Count());
        if (settings[0].StartsWith("control", StringComparison.Ordinal)) Assert.Contains("CONTROL   votes are", run.Error);
    }

    [Fact]
    public void Sampling_with_rounded_weights_prints_the_gap_that_it_makes()
    {
        using var folder = new TempFolder();
        string[] common = ["--steps", "1", "--set", "eval-samples=0", "--set", "updates-per-rollout=2"];
        Cli exact = Cli.Train(folder, "ttrl", "exact", common);
        Cli rounded = Cli.Train(folder, "ttrl", "rounded", [.. common, "--set", "sampling-weights=bfloat16"]);
        Assert.DoesNotContain("  gap ", exact.Error);
        Assert.Contains("  gap 0.0", rounded.Error);
        Assert.True(Gap("exact") < 1e-4);
        Assert.InRange(Gap("rounded"), 1e-4, 0.05);

        Cli refused = Cli.Train(folder, "ttrl", "both", [.. common, "--set", "sampling-weights=bfloat16", "--set", "weights=bfloat16"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("nothing to round", refused.Error);

        double Gap(string run)
        {
            using JsonDocument step = JsonDocument.Parse(File.ReadLines(Path.Combine(folder.File(run), "metrics.jsonl")).First());
            return step.RootElement.GetProperty("logprob_gap").GetDouble();
        }
    }

    [Theory]
    [InlineData("ttrl")]
    [InlineData("zerosiam")]
    public void Products_in_bfloat16_print_their_gap_and_resume_byte_by_byte(string recipe)
    {
        string[] settings = ["--set", "compute=bfloat16", "--set", "eval-samples=0", "--set", "updates-per-rollout=2"];
        SkipWithoutUnits(settings);
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, recipe, "run", ["--steps", "1", .. settings]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"products in bfloat16 by {Bfloat16Units.Name}", run.Error);
        Assert.Contains("  gap 0.0", run.Error);

        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2", .. Cli.Small, .. settings]);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Out);
    }

    [Fact]
    public void Products_in_bfloat16_contradict_weights_in_bfloat16()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "ttrl", "run", "--steps", "1", "--set", "updates-per-rollout=2", "--set", "compute=bfloat16", "--set", "weights=bfloat16");
        Assert.Contains("nothing to round", run.BadInput());
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void Sixteen_bit_weights_learn_steps_that_are_too_small_for_them_and_resume_from_the_wide_copies()
    {
        using var folder = new TempFolder();
        string[] settings = ["--set", "weights=bfloat16", "--set", "eval-samples=0", "--set", "learning-rate=1e-6", "--set", "checkpoint-every=2"];
        Cli whole = Cli.Train(folder, "tent", "whole", ["--steps", "4", .. settings]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Contains("bfloat16 with float32 copies", whole.Error);

        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", "tent", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2", .. Cli.Small, .. settings]);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Out);
    }

    [Fact]
    public void An_endpoint_without_an_address_is_refused_before_anything_is_written()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(
            folder, "evol-rl", "run", "--steps", "1", "--set", "updates-per-rollout=1", "--set", "embedding=endpoint", "--set", "embedding-model=m");
        Assert.Contains("embedding-url", run.BadInput());
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void Outside_a_box_an_answer_counts_where_asked_for()
    {
        const string Line = "{\"gold\":\"4\",\"response\":\"So the answer is 4.\"}\n";
        Assert.Contains("\"equal\":false", Cli.Feed(Line, "grade", "--json").Out);
        Assert.Contains("\"equal\":true", Cli.Feed(Line, "grade", "--json", "--answer-place", "anywhere").Out);

        using var folder = new TempFolder();
        string[] eval = ["eval", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder, 2), "--samples", "2", "--max-new-tokens", "12"];
        Assert.DoesNotContain("outside a box", Cli.Run(eval).Out);
        Assert.Contains("answers outside a box count", Cli.Run([.. eval, "--answer-place", "anywhere"]).Out);
    }

    /// <summary>Elsewhere the program refuses what these tests ask for.</summary>
    private static void SkipWithoutUnits(string[] settings) => Assert.SkipWhen(
        settings.Contains("compute=bfloat16") && Bfloat16Units.Name is null, "this processor has neither AVX512-BF16 nor AMX");
}
