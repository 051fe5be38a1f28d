using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class EntropyBonusTests
{
    private static readonly Recipe s_recipe = new() { Objective = Grpo.Declaration, Reward = RewardKind.Majority };
    private static readonly PolicyGradientSettings s_settings =
        new() { KlCoefficient = 0, EntropyCoefficient = 0.02, EntropyTarget = 1, EntropyDelta = 0.015 };

    public EntropyBonusTests() => Policy.Load(TinyModel.Folder).Dispose();

    [Fact]
    public void It_moves_by_delta_after_each_update_and_counts_only_below_the_target()
    {
        Dictionary<string, double> numbers = [];
        using var bonus = new EntropyBonus(s_settings, numbers);
        var weights = new List<double>();
        foreach (double[] entropies in (double[][])[[0.2, 1.4], [1.5, 1.1], [0.9], [0.9], [3], [3], [3], [3], [0.5]])
        {
            weights.Add(bonus.Weight);
            See(bonus, entropies);
        }

        // c: .02, then .035 (mean .8), .02, .035, .05, .035, .02, .005, 0 (not −.01), .015; η is c only behind an update at or below 1.
        double[] expected = [0, 0.035, 0, 0.035, 0.05, 0, 0, 0, 0];
        Assert.Equal(expected.Length, weights.Count);
        Assert.All(expected.Zip(weights), pair => Assert.Equal(pair.First, pair.Second, 12));
        Assert.Equal(0.015, bonus.Weight, 12);
    }

    [Fact]
    public void It_goes_no_higher_than_one()
    {
        Dictionary<string, double> numbers = [];
        using var bonus = new EntropyBonus(s_settings with { EntropyDelta = 0.6 }, numbers);
        for (int update = 0; update < 3; update++) See(bonus, 0.1);

        Assert.Equal(1, bonus.Weight);
    }

    [Fact]
    public void Without_a_target_it_is_a_constant_and_remembers_nothing()
    {
        Dictionary<string, double> numbers = [];
        using var bonus = new EntropyBonus(s_settings with { EntropyTarget = 0 }, numbers);
        See(bonus, 0.1);

        Assert.Equal(0.02, bonus.Weight);
        Assert.Empty(numbers);
    }

    [Theory]
    [InlineData("grpo")]
    [InlineData("epo")]
    [InlineData("gspo")]
    public void Every_policy_gradient_measures_the_update_as_a_whole_and_has_the_bonus_in_the_next(string objective)
    {
        var declaration = (MethodDeclaration)Catalogue.Shipped.Objectives.First(method => method.Name == objective);
        Recipe recipe = (s_recipe with { Objective = declaration, MicroBatchTokens = 40, LearningRate = 0 }).With(s_settings with { EntropyTarget = 100 });
        using var fixture = new MethodFixture(recipe);
        fixture.Step(1);
        Dictionary<string, double> numbers = fixture.Learner.Method.Numbers;
        Assert.Equal(fixture.Meter[Metrics.Entropy]!.Value, numbers["entropy.last"], 1e-6);
        Assert.Equal(0.035, numbers["entropy.coefficient"], 12);
        Assert.Equal(0, fixture.Meter[EntropyBonus.WeightMetric]);

        using var constant = new MethodFixture(recipe.With(s_settings with { EntropyTarget = 0, EntropyCoefficient = 0.035 }));
        foreach (string own in numbers.Keys.Where(key => key.StartsWith("epo", StringComparison.Ordinal)))
            constant.Learner.Method.Numbers[own] = numbers[own];
        Assert.Equal(constant.Differentiate().Gradients, fixture.Differentiate().Gradients);
    }

    [Theory]
    [InlineData("ttrl")]
    [InlineData("epo")]
    public void Its_state_survives_a_resume_byte_by_byte(string recipe)
    {
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            [
                "verify-resume", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2", .. Cli.Small,
                "--set", "updates-per-rollout=2", "--set", "entropy-target=0.2", "--set", "entropy-coefficient=0.3", "--set", "learning-rate=1e-3",
            ]);

        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
    }

    private static void See(EntropyBonus bonus, params double[] entropies)
    {
        using DisposeScope scope = NewDisposeScope();
        using var meter = new Meter();
        foreach (double entropy in entropies) bonus.See(tensor(new[] { entropy }));
        bonus.EndUpdate(meter);
    }
}
