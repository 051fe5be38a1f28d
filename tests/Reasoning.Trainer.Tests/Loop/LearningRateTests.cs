using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class LearningRateTests
{
    [Fact]
    public void The_rate_rises_over_the_warm_up_and_stays()
    {
        var recipe = new Recipe { LearningRate = 1, Steps = 10, WarmupShare = 0.2, Schedule = ScheduleKind.Constant };
        Assert.Equal([0.5, 1, 1, 1], Rates(recipe, 1, 2, 3, 10));
    }

    [Fact]
    public void A_cosine_falls_from_the_full_rate_towards_zero()
    {
        var recipe = new Recipe { LearningRate = 1, Steps = 10, Schedule = ScheduleKind.Cosine };
        double[] rates = Rates(recipe, 1, 6, 10);
        Assert.Equal(1, rates[0], 12);
        Assert.Equal(0.5, rates[1], 12);
        Assert.InRange(rates[2], 0.001, 0.1);
    }

    private static double[] Rates(Recipe recipe, params int[] steps) => [.. steps.Select(step => LearningRate.At(step, recipe))];
}
