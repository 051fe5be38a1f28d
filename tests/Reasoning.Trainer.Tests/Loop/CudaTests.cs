using Reasoning.Models.Devices;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Tests.Methods;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>Training on a GPU learns what training on the CPU learns.</summary>
[Trait(Cuda.Trait, Cuda.Name)]
public sealed class CudaTests
{
    /// <summary>All but AEPO, which samples in its step: a draw between two rounded probabilities would make it another step.</summary>
    public static TheoryData<string> Shipped => DeviceTests.Shipped;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_step_has_the_gradients_and_measures_of_the_cpu(string name)
    {
        ComputeDevice device = Cuda.Device();
        Recipe recipe = EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe;
        using var cpu = new MethodFixture(recipe);
        using var gpu = new MethodFixture(recipe, device);
        foreach (MethodFixture one in new[] { cpu, gpu }) one.Learner.BeginStep(cpu.Samples);
        if (cpu.Learner.Method.Numbers.TryGetValue(ReliableTokens.Threshold, out double threshold))
        {
            // It is the entropy of some token. Off all of them, rounding moves none across.
            foreach (MethodFixture one in new[] { cpu, gpu }) one.Learner.Method.Numbers[ReliableTokens.Threshold] = threshold * 1.01;
        }

        // Without a loss, and with one that only CoTTA's own update can make.
        if (name is not ("temperature" or "cotta"))
        {
            (double expected, float[][] gradients) = cpu.Differentiate();
            (double actual, float[][] others) = gpu.Differentiate(cpu.Samples);
            Assert.Equal(expected, actual, 1e-3 * Math.Max(1, Math.Abs(expected)));
            Assert.InRange(MethodFixture.Distance(gradients, others), 0, 1e-3);
        }

        cpu.Step(1);
        gpu.Step(1, cpu.Samples);
        Dictionary<Metric, double> measured = gpu.Meter.Values.ToDictionary(pair => pair.Metric, pair => pair.Value);
        Assert.All(
            cpu.Meter.Values.Where(pair => !pair.Metric.Name.EndsWith("seconds", StringComparison.Ordinal)),
            pair => Assert.True(Math.Abs(pair.Value - measured[pair.Metric]) <= 2e-3 * Math.Max(1, Math.Abs(pair.Value)),
                $"{pair.Metric.Name}: {pair.Value} on the CPU, {measured[pair.Metric]} on the GPU"));
    }

    /// <summary>Not byte for byte: some of CUDA's sums have no fixed order, and TorchSharp cannot ask for one.</summary>
    [Theory]
    [InlineData("zerosiam")]
    [InlineData("tent", "guard-action=rollback", "learning-rate=0.1")]
    [InlineData("ttrl", "reward=likelihood", "kl-coefficient=0.1")]
    [InlineData("sar", "gradient-checkpointing=true")]
    [InlineData("cotta", "optimizer-state=bfloat16")]
    [InlineData("evol-rl", "weights=bfloat16")]
    [InlineData("aepo")]
    [InlineData("zerosiam", "trainable=lora", "compute=bfloat16")]
    [InlineData("eata", "trainable=pissa")]
    [InlineData("epo", "trainable=sorsa")]
    public void A_run_goes_on_from_its_checkpoint(string recipe, params string[] settings)
    {
        Cuda.Device();
        using var folder = new TempFolder();
        string[] more = [.. settings.Append("updates-per-rollout=1").SelectMany(setting => new[] { "--set", setting }), "--device", Cuda.Name];
        Cli first = Cli.Train(folder, recipe, "run", [.. more, "--steps", "2"]);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("cuda:0", first.Error, StringComparison.Ordinal);
        Cli rest = Cli.Train(folder, recipe, "run", [.. more, "--steps", "4", "--resume"]);
        Assert.True(rest.ExitCode == 0, rest.Error);
        Assert.Equal(4, File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile).Count());
    }
}
