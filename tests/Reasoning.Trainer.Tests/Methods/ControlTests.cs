using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Methods;

/// <summary>Controls of what a method does: its steps in random directions, and its entropy by temperature alone.</summary>
public sealed class ControlTests
{
    private static readonly Recipe s_recipe = new() { Objective = ZeroSiam.Declaration, LearningRate = 1e-3 };
    private static readonly Recipe s_temperature = new() { Objective = TemperatureOnly.Declaration, Trainable = TrainableKind.Norms };

    [Fact]
    public void Every_parameter_moves_as_far_as_the_method_moves_it_in_a_random_direction()
    {
        float[][] honest = Moved(s_recipe, step: 1), sham = Moved(s_recipe with { Control = ControlKind.RandomDirection }, step: 1);
        Assert.All(honest.Zip(sham), pair => Assert.InRange(Norm(pair.Second), 0.999 * Norm(pair.First), 1.001 * Norm(pair.First)));
        float[] a = [.. honest.SelectMany(values => values)], b = [.. sham.SelectMany(values => values)];
        Assert.True(Norm(a) > 0.01);
        Assert.InRange(a.Zip(b, (x, y) => (double)x * y).Sum() / (Norm(a) * Norm(b)), -0.05, 0.05);

        Assert.Equal(sham, Moved(s_recipe with { Control = ControlKind.RandomDirection }, step: 1));
        Assert.NotEqual(sham, Moved(s_recipe with { Control = ControlKind.RandomDirection }, step: 2));
        Assert.NotEqual(sham, Moved(s_recipe with { Control = ControlKind.RandomDirection, Seed = 2 }, step: 1));
    }

    [Theory]
    [InlineData("zerosiam")]
    [InlineData("cotta")]
    [InlineData("ttrl", "weights=bfloat16")]
    public void Random_directions_run_with_every_rule_say_so_and_resume_byte_by_byte(string recipe, params string[] more)
    {
        using var folder = new TempFolder();
        string[] settings =
            [.. ((string[])["control=random-direction", "updates-per-rollout=2", "eval-samples=0", .. more]).SelectMany(setting => new[] { "--set", setting })];
        Cli run = Cli.Train(folder, recipe, "run", ["--steps", "1", .. settings]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("CONTROL   parameters move in random directions", run.Error);

        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "1", .. Cli.Small, .. settings]);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Out);
    }

    [Fact]
    public void A_sham_vote_still_needs_a_vote()
    {
        using var folder = new TempFolder();
        Assert.Contains("set control to none or random-direction", Cli.Train(folder, "tent", "run", "--set", "control=random").BadInput());
    }

    [Theory]
    [InlineData("top-p=0.9", true)]
    [InlineData("top-k=5", true)]
    [InlineData("temperature=0.9", false)]
    public void A_truncated_policy_in_training_is_warned_of_once(string setting, bool warns)
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "tent", "run", "--steps", "2", "--set", "eval-samples=0", "--set", setting);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(warns ? 1 : 0, run.Error.Split('\n').Count(line => line.StartsWith("WARNING   top-p and top-k", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.5)]
    public void Temperature_alone_reaches_an_entropy_with_one_factor_for_all_logits(double ratio)
    {
        double before = Entropy(null);
        Recipe recipe = s_temperature.With(new TemperatureSettings { MatchedEntropy = ratio * before });
        using var fixture = new MethodFixture(recipe);
        float[][] start = [.. fixture.Learner.Parameters.Select(pair => Floats.Of(pair.Parameter))];
        fixture.Step(1);
        Assert.Equal(before, fixture.Meter[Metrics.Entropy]!.Value, 1e-4);
        Assert.Equal(ratio * before, Entropy(fixture), 1e-4 * before);

        double temperature = fixture.Meter[TemperatureOnly.LogitTemperature]!.Value;
        Assert.True(ratio < 1 ? temperature < 1 : temperature > 1);
        for (int i = 0; i < start.Length; i++)
        {
            double factor = fixture.Learner.Parameters[i].Name == "model.norm.weight" ? 1 / temperature : 1;
            float[] after = Floats.Of(fixture.Learner.Parameters[i].Parameter);
            Assert.All(start[i].Zip(after), pair => Assert.Equal(pair.First * factor, pair.Second, 1e-5));
        }

        // The next step measures what is there, and finds nothing left to do.
        fixture.Step(2);
        Assert.Equal(temperature, fixture.Meter[TemperatureOnly.LogitTemperature]!.Value, 1e-3 * temperature);

        double Entropy(MethodFixture? known)
        {
            using MethodFixture? own = known is null ? new MethodFixture(s_temperature) : null;
            MethodFixture asked = known ?? own!;
            return asked.Samples.SelectMany(sample =>
            {
                (_, _, double[] entropies) = Scorer.Score(asked.Learner.Policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
                return entropies[(sample.Rollout.PromptIds.Length - 1)..];
            }).Average();
        }
    }

    [Fact]
    public void Temperature_alone_keeps_greedy_answers_and_resumes_byte_by_byte()
    {
        using var folder = new TempFolder();
        string[] settings = ["--set", "matched-entropy=0.05", "--set", "checkpoint-every=1"];
        Cli run = Cli.Train(folder, "temperature", "run", ["--steps", "3", .. settings]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"greedy +\d+\.\d ± +\d+\.\d +\d+\.\d ± +\d+\.\d +0\.0 ", run.Error + run.Out);

        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", "temperature", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "1", .. Cli.Small, .. settings]);
        Assert.True(verified.ExitCode == 0, verified.Error + verified.Out);
    }

    [Theory]
    [InlineData("trainable=lora", "set trainable to norms")]
    [InlineData("control=random-direction", "is a control itself")]
    public void Temperature_alone_refuses_what_it_could_not_do(string setting, string expected)
    {
        using var folder = new TempFolder();
        Assert.Contains(expected, Cli.Train(folder, "temperature", "run", "--set", setting).BadInput());
        Assert.False(Directory.Exists(folder.File("run")));
    }

    private static float[][] Moved(Recipe recipe, int step)
    {
        using var fixture = new MethodFixture(recipe);
        float[][] before = Values(fixture);
        fixture.Step(step);
        return [.. before.Zip(Values(fixture), (a, b) => a.Zip(b, (x, y) => y - x).ToArray())];
    }

    private static float[][] Values(MethodFixture fixture) => [.. fixture.Learner.Learning.Select(parameter => Floats.Of(parameter))];

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
