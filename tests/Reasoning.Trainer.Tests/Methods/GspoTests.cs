using Reasoning.Models.Generation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class GspoTests
{
    private static readonly PolicyGradientSettings s_settings = new() { KlCoefficient = 0, DualClip = 0, ClipLow = 0.2, ClipHigh = 0.28 };
    private static readonly Recipe s_recipe = new Recipe
    {
        Objective = Gspo.Declaration,
        Reward = RewardKind.Majority,
        Aggregation = AggregationKind.SequenceMean,
    }.With(s_settings);

    /// <summary>
    /// Tokens whose own ratios go far up and down, around a mean that is the answer's: every token has the answer's ratio, and clipping
    /// looks at that alone.
    /// </summary>
    [Theory]
    [InlineData(1.0, +1.0, -1.0, true)]
    [InlineData(1.2, +1.0, -1.2, true)]
    [InlineData(1.5, +1.0, -1.28, false)]
    [InlineData(1.5, -1.0, 1.5, true)]
    [InlineData(0.5, -1.0, 0.8, false)]
    public void All_tokens_of_an_answer_have_its_ratio(double ratio, double advantage, double expected, bool hasGradient)
    {
        using var fixture = new MethodFixture(s_recipe);
        Sample sample = Moved(fixture.Samples[0], ratio);
        sample.Advantage = advantage;
        (double loss, float[][] gradients) = fixture.Differentiate([sample]);

        Assert.Equal(expected, loss, 1e-3);
        Assert.Equal(hasGradient, gradients.Any(values => values.Any(value => Math.Abs(value) > 1e-7)));
        Assert.Equal(ratio, fixture.Meter[Grpo.Ratio]!.Value, 1e-3);
        double clipped = hasGradient ? 0 : 1;
        Assert.Equal(clipped, fixture.Meter[Grpo.ClippedLow]!.Value + fixture.Meter[Grpo.ClippedHigh]!.Value);
    }

    [Fact]
    public void Without_any_change_since_sampling_it_is_grpo()
    {
        using MethodFixture gspo = new(s_recipe), grpo = new(s_recipe with { Objective = Grpo.Declaration });
        (double loss, float[][] gradients) = gspo.Differentiate();
        (double expected, float[][] expectedGradients) = grpo.Differentiate();

        Assert.Equal(expected, loss, 1e-5);
        Assert.InRange(MethodFixture.Distance(expectedGradients, gradients), 0, 1e-4);
    }

    [Fact]
    public void The_micro_batch_split_changes_nothing()
    {
        using MethodFixture whole = new(s_recipe with { MicroBatchTokens = 1_000_000 }), single = new(s_recipe with { MicroBatchTokens = 1 });
        (double loss, float[][] gradients) = whole.Differentiate([.. whole.Samples.Select(Given)]);
        (double expected, float[][] expectedGradients) = single.Differentiate([.. single.Samples.Select(Given)]);

        Assert.Equal(expected, loss, 1e-5);
        Assert.InRange(MethodFixture.Distance(expectedGradients, gradients), 0, 1e-4);

        static Sample Given(Sample sample, int i)
        {
            Sample moved = Moved(sample, 0.9 + (0.02 * i));
            moved.Advantage = sample.Advantage;
            return moved;
        }
    }

    /// <summary>The answer as if its tokens had been drawn with other probabilities; only the mean of the logarithms is the ratio's.</summary>
    private static Sample Moved(Sample sample, double ratio)
    {
        Rollout rollout = sample.Rollout;
        int even = rollout.Ids.Length / 2 * 2; // swings cancel in pairs
        return new Sample(
            rollout with { LogProbs = [.. rollout.LogProbs.Select((p, t) => (float)(p - Math.Log(ratio) - (t < even ? t % 2 == 0 ? 1 : -1 : 0)))] },
            sample.Text)
        { Learns = true };
    }
}
