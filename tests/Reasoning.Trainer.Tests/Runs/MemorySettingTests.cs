using System.Text.Json.Nodes;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>Settings that save memory, in whole runs.</summary>
public sealed class MemorySettingTests
{
    private static readonly string[] s_noEvaluation = ["--steps", "2", "--set", "eval-samples=0", "--set", "updates-per-rollout=2"];

    /// <summary>Two branches, two passes for an update, adapters with the base as reference, gradients kept aside, a teacher, prompts.</summary>
    [Theory]
    [InlineData("zerosiam", "trainable=all")]
    [InlineData("sar", "trainable=all")]
    [InlineData("ttrl", "trainable=lora")]
    [InlineData("eata", "trainable=all")]
    [InlineData("cotta", "weights=bfloat16")]
    [InlineData("gspo", "trainable=all")]
    [InlineData("tlm", "trainable=norms")]
    public void Gradient_checkpointing_changes_no_byte(string recipe, string setting)
    {
        using var folder = new TempFolder();
        string[] args = [.. s_noEvaluation, "--set", setting];
        Assert.Equal(0, Cli.Train(folder, recipe, "plain", args).ExitCode);
        Cli run = Cli.Train(folder, recipe, "checkpointed", [.. args, "--set", "gradient-checkpointing=true"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("plain")), RunFolder.Open(folder.File("checkpointed")), 2));
    }

    [Fact]
    public void A_run_may_go_on_with_gradient_checkpointing_and_leaks_nothing()
    {
        using var folder = new TempFolder();
        string[] args = ["--set", "eval-samples=0", "--set", "updates-per-rollout=1", "--set", "guard-agreement=0.6"];
        Assert.Equal(0, Cli.Train(folder, "zerosiam", "whole", ["--steps", "6", .. args]).ExitCode);
        Assert.Equal(0, Cli.Train(folder, "zerosiam", "run", ["--steps", "1", .. args]).ExitCode);
        Cli resumed = Cli.Run("train", "--resume", "--out", folder.File("run"), "--steps", "6", "--set", "gradient-checkpointing=true");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        RunFolder run = RunFolder.Open(folder.File("run"));
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("whole")), run, 6));
        double[] alive =
        [
            .. File.ReadLines(run.MetricsFile).Select(line => JsonNode.Parse(line)![Metrics.LiveTensors.Name]!.GetValue<double>()),
        ];
        Assert.All(alive[3..], count => Assert.Equal(alive[3], count));
    }

    [Theory]
    [InlineData("zerosiam", "optimizer=adamw")]
    [InlineData("sar", "optimizer=sgd")]
    [InlineData("ttrl", "weights=bfloat16")]
    public void Narrow_moments_resume_byte_by_byte(string recipe, string setting)
    {
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2",
            .. Cli.Small[..6], "--set", "updates-per-rollout=2", "--set", "optimizer-state=bfloat16", "--set", setting]);
        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
    }

    [Fact]
    public void A_checkpoint_holds_narrow_moments_in_their_own_type_and_a_run_keeps_to_it()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "zerosiam", "run", [.. s_noEvaluation, "--set", "optimizer-state=bfloat16"]).ExitCode);
        using (SafeTensorsReader file = SafeTensorsReader.Open(
            Path.Combine(RunFolder.Open(folder.File("run")).CheckpointFolder(2), "training.safetensors")))
        {
            ILookup<bool, SafeTensorsDType> types = file.Entries.Values.ToLookup(
                entry => entry.Name.Contains(".exp_avg", StringComparison.Ordinal), entry => entry.DType);
            Assert.NotEmpty(types[true]);
            Assert.All(types[true], type => Assert.Equal(SafeTensorsDType.BF16, type));
            Assert.All(types[false], type => Assert.Equal(SafeTensorsDType.F32, type));
        }

        string error = Cli.Run("train", "--resume", "--out", folder.File("run"), "--steps", "3", "--set", "optimizer-state=float32").BadInput();
        Assert.Contains("optimizer-state is bfloat16 in this run and cannot become float32", error);
    }
}
