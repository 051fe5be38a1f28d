using Reasoning.Models.Devices;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
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
        if (name != "temperature")
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
    public void K_steps_a_restart_and_k_steps_equal_2k_steps_byte_for_byte(string recipe, params string[] settings)
    {
        Cuda.Device();
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2",
                "--device", Cuda.Name, .. settings.SelectMany(setting => new[] { "--set", setting }), .. Cli.Small[..6]]);

        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
        Assert.StartsWith("ok:", verified.Out);
        Assert.Contains("cuda:0", verified.Error, StringComparison.Ordinal);
    }
}
