using Reasoning.Models.Generation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class TlmTests
{
    private static readonly Recipe s_recipe = new() { Objective = Tlm.Declaration };

    [Fact]
    public void The_prompts_that_are_expected_least_are_learned_with_a_weight_that_grows_with_their_surprise()
    {
        using var fixture = new MethodFixture(s_recipe.With(new TlmSettings { SurprisingShare = 0.5, SurpriseWeight = 0.1 }));
        (double loss, _) = fixture.Differentiate();
        fixture.Learner.Method.EndStep(fixture.Meter);
        (double Surprise, int Tokens)[] prompts = [.. fixture.Samples.GroupBy(sample => sample.Rollout.PromptId).Select(group => Surprise(fixture, group.First()))];
        (double least, double most) = (prompts.Min(prompt => prompt.Surprise), prompts.Max(prompt => prompt.Surprise));

        Assert.True(most > least + 1e-4);
        Assert.Equal(0.1 * Math.Exp(most - least) * most, loss, 1e-4);
        Assert.Equal(prompts.MaxBy(prompt => prompt.Surprise).Tokens, fixture.Meter[Metrics.TrainedTokens]);
        Assert.Equal(0.5, fixture.Meter[Tlm.SurprisingShare]);
        Assert.Equal((least + most) / 2, fixture.Meter[Tlm.InputSurprise]!.Value, 1e-4);
    }

    [Fact]
    public void Answers_train_nothing()
    {
        using var fixture = new MethodFixture(s_recipe.With(new TlmSettings { SurprisingShare = 1 }));
        (double loss, float[][] gradients) = fixture.Differentiate();
        (double expected, float[][] expectedGradients) =
            fixture.Differentiate([.. fixture.Samples.GroupBy(sample => sample.Rollout.PromptId).Select(group => group.Last())]);

        Assert.Equal(expected, loss, 1e-6);
        Assert.InRange(MethodFixture.Distance(expectedGradients, gradients), 0, 1e-6);
    }

    [Fact]
    public void Learning_makes_the_prompts_less_surprising_until_none_is_and_then_there_is_no_update()
    {
        using var fixture = new MethodFixture((s_recipe with { LearningRate = 0.003 }).With(new TlmSettings { SurprisingShare = 0.5 }));
        double before = fixture.Samples.Average(sample => Surprise(fixture, sample).Surprise);
        for (int step = 1; step <= 5; step++) fixture.Step(step);
        Assert.True(fixture.Samples.Average(sample => Surprise(fixture, sample).Surprise) < before);

        fixture.Learner.BeginStep(fixture.Samples);
        fixture.Learner.Method.Numbers["tlm.threshold"] = 100;
        Assert.Null(fixture.Learner.Accumulate(fixture.Samples, fixture.Meter));
    }

    private static (double Surprise, int Tokens) Surprise(MethodFixture fixture, Sample sample)
    {
        (_, double[] logProbs, _) = Scorer.Score(fixture.Learner.Policy.Model, sample.Rollout.PromptIds);
        return (-logProbs.Average(), sample.Rollout.PromptIds.Length - 1);
    }
}
