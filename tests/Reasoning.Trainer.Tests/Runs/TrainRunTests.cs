using System.Text.Json;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

public sealed class TrainRunTests
{
    public static TheoryData<string> Shipped => [.. RecipeFile.Shipped];

    public static TheoryData<string, string> Resumed => new()
    {
        { "tent", "trainable=norms" }, { "zerosiam", "trainable=norms" }, { "zerosiam", "trainable=lora" }, { "zerosiam", "predictor-init=random" },
        { "zerosiam", "predictor-steps=2" }, { "zerosiam", "align-gradient=predictor" }, { "zerosiam", "trainable=body" }, { "zerosiam", "prompt-order=file" },
        { "zerosiam", "optimizer=sgd" }, { "zerosiam", "trainable=pissa" }, { "ttrl", "trainable=pissa" }, { "ttrl", "trainable=sorsa" }, { "ttrl", "trainable=all" }, { "ttrl", "prompt-order=file" },
        { "evol-rl", "trainable=all" }, { "ttrl", "trainable=lora" }, { "ttrl", "optimizer=sgd" },
        { "tent", "optimizer=adamw" }, { "intuitor", "trainable=all" }, { "rent", "trainable=norms" }, { "sar", "trainable=all" },
        { "sar", "weights=bfloat16" }, { "eta", "trainable=norms" }, { "eata", "trainable=all" }, { "eata", "weights=bfloat16" },
        { "cotta", "trainable=norms" }, { "cotta", "weights=bfloat16" }, { "cotta", "optimizer=sgd" },
        { "gspo", "trainable=all" }, { "tlm", "trainable=all" }, { "epo", "trainable=all" }, { "aepo", "trainable=all" }, { "scrl", "vote=confidence" }, { "scope", "winner-weight=0.2" },
        { "co-rewarding", "teacher-rate=0.5" }, { "co-rewarding", "weights=bfloat16" }, { "em-rl-token", "trainable=norms" },
    };

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_recipe_trains_and_reports(string recipe)
    {
        using var folder = new TempFolder();
        string[] fitting = recipe switch
        {
            "dapo" => ["--set", "overlong-buffer=4"], // of answers of 16 tokens
            "co-rewarding" => ["--set", "label-share=0", "--set", "label-margin=0", "--set", "teacher-samples=15"], // votes are seldom clear
            _ => [],
        };
        Cli run = Cli.Train(folder, recipe, "run", ["--steps", "2", "--set", "updates-per-rollout=1", .. fitting]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("step 2/2", run.Error);
        Assert.Contains("pass@1", run.Out);
        Assert.Contains("greedy", run.Out);
        RunFolder files = RunFolder.Open(folder.File("run"));
        Assert.Equal(2, File.ReadLines(files.MetricsFile).Count());
        Assert.Equal(2 * 3 * 6, File.ReadLines(files.SamplesFile).Count());
        CheckpointFolder.Verify(files.ModelFolder);
        CheckpointFolder.Verify(files.CheckpointFolder(2));
        using Policy adapted = Policy.Load(files.ModelFolder);
        foreach (string line in File.ReadLines(files.MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            Assert.InRange(step.RootElement.GetProperty(Metrics.LogProbGapMax).GetDouble(), 0, 1e-3);
            Assert.Equal(recipe != "temperature", step.RootElement.TryGetProperty(Metrics.GradNorm, out JsonElement norm) && norm.GetDouble() > 0);
        }
    }

    [Theory]
    [MemberData(nameof(Resumed))]
    public void K_steps_a_restart_and_k_steps_equal_2k_steps_byte_for_byte(string recipe, string setting)
    {
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2",
                "--set", setting, .. Cli.Small[..6], "--set", "updates-per-rollout=2"]);

        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
        Assert.StartsWith("ok:", verified.Out);
    }

    [Fact]
    public void A_run_can_be_resumed_with_more_steps()
    {
        using var folder = new TempFolder();
        string[] noEvaluation = ["--set", "eval-samples=0", "--set", "guard-agreement=0.01"]; // answers, but is not stopped
        Assert.Equal(0, Cli.Train(folder, "ttrl", "whole", ["--steps", "4", .. noEvaluation, "--set", "updates-per-rollout=1"]).ExitCode);
        Assert.Equal(0, Cli.Train(folder, "ttrl", "halves", ["--steps", "2", .. noEvaluation, "--set", "updates-per-rollout=1"]).ExitCode);
        Cli resumed = Cli.Run("train", "--resume", "--out", folder.File("halves"), "--steps", "4");

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("whole")), RunFolder.Open(folder.File("halves")), 4));
    }

    [Fact]
    public void An_interrupted_run_saves_says_how_to_go_on_and_ends_where_an_unbroken_one_would()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder);
        string[] args = ["train", "--recipe", "evol-rl", "--model", TinyModel.Folder, "--prompts", prompts, "--steps", "3", .. Cli.Small,
        "--set", "eval-samples=0", "--set", "updates-per-rollout=1"];
        using var source = new CancellationTokenSource();
        using var error = new TriggerWriter("step 1/3", source.Cancel);
        using var output = new StringWriter();
        var terminal = new Trainer.Cli.Terminal(output, error, TextReader.Null, false, 100);

        int code = Trainer.Commands.CommandLine.Run([.. args, "--out", folder.File("broken")], terminal, source.Token);
        Assert.Equal(1, code);
        Assert.Contains($"interrupted after step 1; go on with: reasoning train --resume --out {folder.File("broken")}", error.ToString());
        Assert.Equal(0, Cli.Run("train", "--resume", "--out", folder.File("broken")).ExitCode);
        Assert.Equal(0, Cli.Run([.. args, "--out", folder.File("whole")]).ExitCode);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("whole")), RunFolder.Open(folder.File("broken")), 3));
    }

    [Fact]
    public void Rollouts_do_not_depend_on_the_sampling_batch_and_training_barely_on_the_micro_batch()
    {
        using var folder = new TempFolder();
        Assert.Equal(
            0, Cli.Train(folder, "ttrl", "a", "--steps", "1", "--set", "sampling-batch=1", "--set", "updates-per-rollout=1").ExitCode);
        Assert.Equal(
            0, Cli.Train(folder, "ttrl", "b", "--steps", "1", "--set", "sampling-batch=256", "--set", "updates-per-rollout=1").ExitCode);

        Assert.Equal(
            File.ReadAllBytes(RunFolder.Open(folder.File("a")).SamplesFile), File.ReadAllBytes(
                RunFolder.Open(folder.File("b")).SamplesFile));
    }

    [Theory]
    [InlineData("zerosiam")]
    [InlineData("evol-rl")]
    [InlineData("sar")]
    [InlineData("epo")]
    public void The_number_of_live_tensors_is_flat_after_the_third_step(string recipe)
    {
        using var folder = new TempFolder();
        Assert.Equal(
            0, Cli.Train(folder, recipe, "run", "--steps", "6", "--set", "eval-samples=0", "--set", "updates-per-rollout=1").ExitCode);
        double[] alive = [.. Values(RunFolder.Open(folder.File("run")), Metrics.LiveTensors)];

        Assert.Equal(6, alive.Length);
        Assert.All(alive[2..], count => Assert.Equal(alive[2], count));
    }

    [Fact]
    public void A_collapse_ends_with_exit_code_3_and_one_line_of_reason()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(
            folder, "zerosiam", "run", "--steps", "6", "--set", "eval-samples=0", "--set", "guard-predictor=1e-9", "--set",
            "checkpoint-every=1");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("stopped by the guard after step 2: rule predictor:", run.Error);
        Assert.Contains("no checkpoint from before is left but the start model", run.Error);
    }

    [Fact]
    public void Steps_whose_answers_are_all_truncated_change_nothing_and_say_so()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "ttrl", "run", "--steps", "2", "--set", "max-new-tokens=1", "--set", "updates-per-rollout=1");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("nothing to learn from, no update", run.Error);
        byte[] before = File.ReadAllBytes(Path.Combine(TinyModel.Folder, "model.safetensors"));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(RunFolder.Open(folder.File("run")).ModelFolder, "model.safetensors")));
    }

    [Fact]
    public void Prompts_that_do_not_fit_are_refused_by_name()
    {
        using var folder = new TempFolder();
        string file = folder.File("long.jsonl");
        PromptSet.Write(
            file, [new Prompt("short", "Take 1 and 2", "3"), new Prompt(
                "endless", string.Concat(Enumerable.Repeat("Take 1 and 2 ", 60)), "3")]);
        Cli run = Cli.Run(
            ["train", "--recipe", "ttrl", "--model", TinyModel.Folder, "--prompts", file, "--out", folder.File("run"), "--steps", "1",
            .. Cli.Small, "--set", "updates-per-rollout=1"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("refused 1 of 2 prompts", run.Error);
        Assert.Contains("endless", run.Error);
    }

    [Fact]
    public void The_record_holds_every_setting_with_its_origin_and_the_hashes()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "eval-samples=0").ExitCode);
        RunRecord record = RunRecord.Read(RunFolder.Open(folder.File("run")));

        Assert.Equal(Setting.All.Select(setting => setting.Name).Order(), record.Settings.Keys.Order());
        Assert.Equal(new RecordedSetting("1", "command line"), record.Settings["steps"]);
        Assert.Equal(32, record.Model.Hash.Length);
        Assert.Equal(6, record.Prompts.Count);
        Assert.NotNull(record.Machine.Runtime);
    }

    [Fact]
    public void An_episode_starts_anew_for_each_prompt_and_answers_it()
    {
        using var folder = new TempFolder();
        string[] settings = ["--set", "prompts-per-step=1", "--set", "episode-steps=2", "--set", "predictor-ratio=1"];
        Cli run = Cli.Train(folder, "zerosiam", "run", ["--steps", "8", .. settings]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("each by its own episode", run.Out);
        double[] deviations = [.. Values(RunFolder.Open(folder.File("run")), ZeroSiam.PredictorDeviation)];
        Assert.All(Enumerable.Range(0, 4), episode => Assert.InRange(deviations[2 * episode], 1e-6, 0.9 * deviations[(2 * episode) + 1]));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(folder.File("run"), "episodes")).Length);
        Assert.Contains("prompts-per-step 1", Cli.Train(folder, "zerosiam", "other", "--set", "episode-steps=2").BadInput());
    }

    [Fact]
    public void A_run_that_overflows_fails_with_its_folder_and_the_batch()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(
            folder, "tent", "run", "--steps", "12", "--set", "learning-rate=1000", "--set", "weight-decay=100", "--set", "trainable=all",
            "--set", "truncated=keep", "--set", "eval-samples=0", "--set", "guard=false");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(folder.File("run"), Assert.Single(run.Errors));
        Assert.True(File.Exists(RunFolder.Open(folder.File("run")).ErrorFile));
        Assert.False(Directory.Exists(RunFolder.Open(folder.File("run")).ModelFolder));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        using var folder = new TempFolder();
        Assert.Equal(
            0, Cli.Train(
                folder, "tent", "run", "--steps", "5", "--set", "eval-samples=0", "--set", "checkpoint-every=1", "--set",
                "keep-checkpoints=2").ExitCode);

        Assert.Equal(
            ["step-000004", "step-000005"], RunFolder.Open(folder.File("run")).CompleteCheckpoints().Select(
                path => Path.GetFileName(path)));
    }

    private static IEnumerable<double> Values(RunFolder run, string metric)
    {
        foreach (string line in File.ReadLines(run.MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            yield return step.RootElement.GetProperty(metric).GetDouble();
        }
    }

    /// <summary>Calls an action as soon as a text has been written.</summary>
    private sealed class TriggerWriter(string text, Action action) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(text, StringComparison.Ordinal) == true) action();
        }
    }
}
