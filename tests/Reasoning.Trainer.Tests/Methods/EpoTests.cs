using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class EpoTests
{
    private static readonly Recipe s_recipe = new() { Objective = Epo.Declaration, Reward = RewardKind.Majority, Steps = 10 };
    private static readonly PolicyGradientSettings s_settings = new() { KlCoefficient = 0, EntropyCoefficient = 0.5 };

    [Fact]
    public void Inside_the_corridor_there_is_no_gradient_of_it_and_outside_there_is()
    {
        float[][] plain = Gradients(new EpoSettings(), history: null);
        float[][] inside = Gradients(new EpoSettings { CorridorHigh = 1e6 }, history: 1);
        float[][] above = Gradients(new EpoSettings { CorridorHigh = 0 }, history: 1);
        float[][] below = Gradients(new EpoSettings { CorridorLow = 1e6, CorridorHigh = 1e6 }, history: 1);

        Assert.InRange(MethodFixture.Distance(plain, inside), 0, 1e-6);
        Assert.InRange(MethodFixture.Distance(plain, above), 1e-3, 10);
        // The two ends pull with the same force in opposite directions.
        float[][] middle = [.. above.Zip(below, (a, b) => a.Zip(b, (x, y) => (x + y) / 2).ToArray())];
        Assert.InRange(MethodFixture.Distance(plain, middle), 0, 1e-4);
    }

    [Fact]
    public void The_history_is_the_plain_mean_of_the_mean_entropies_of_all_steps()
    {
        using var fixture = new MethodFixture(s_recipe.With(s_settings));
        var entropies = new List<double>();
        for (int step = 1; step <= 3; step++)
        {
            using var meter = new Meter();
            fixture.Learner.BeginStep(fixture.Samples);
            fixture.Learner.Method.Rule.Update(fixture.Learner, fixture.Samples, step, meter);
            fixture.Learner.Method.EndStep(meter);
            entropies.Add(meter[Metrics.Entropy]!.Value);
            Assert.Equal(entropies.Average(), meter[Epo.EntropyHistory]!.Value, 12);
            Assert.Equal(step > 1, meter[Epo.CorridorShare] is not null);
        }
    }

    [Fact]
    public void Without_an_entropy_coefficient_it_is_grpo()
    {
        float[][] epo = Gradients(new EpoSettings { CorridorHigh = 0 }, history: 1, coefficient: 0);
        using var grpo = new MethodFixture((s_recipe with { Objective = Grpo.Declaration }).With(s_settings with { EntropyCoefficient = 0 }));

        Assert.Equal(grpo.Differentiate().Gradients, epo);
    }

    private static float[][] Gradients(EpoSettings settings, double? history, double coefficient = 0.5)
    {
        using var fixture = new MethodFixture(
            s_recipe.With(s_settings with { EntropyCoefficient = coefficient }).With(settings with { CorridorWeight = 1 }));
        if (history is { } mean)
            (fixture.Learner.Method.Numbers["epo.entropies"], fixture.Learner.Method.Numbers["epo.steps"]) = (2 * mean, 2);
        return fixture.Differentiate().Gradients;
    }
}
