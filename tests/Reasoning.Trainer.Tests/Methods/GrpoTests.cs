using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class GrpoTests
{
    private static readonly PolicyGradientSettings s_settings = new() { ClipHigh = 0.28, KlCoefficient = 0 };
    private static readonly Recipe s_plain =
        new Recipe { Objective = Grpo.Declaration, Reward = RewardKind.Majority }.With(s_settings);

    /// <summary>
    /// One answer whose recorded log-probabilities are moved, so that every token has the given ratio: P of the class comment by hand.
    /// </summary>
    [Theory]
    [InlineData(1.0, +1.0, -1.0, true)]
    [InlineData(1.0, -1.0, 1.0, true)]
    [InlineData(1.2, +1.0, -1.2, true)]
    [InlineData(1.5, +1.0, -1.28, false)]
    [InlineData(1.5, -1.0, 1.5, true)]
    [InlineData(0.5, +2.0, -1.0, true)]
    [InlineData(0.5, -1.0, 0.8, false)]
    [InlineData(4.0, -1.0, 3.0, false)]
    public void The_clipped_loss_is_what_the_formula_says(double ratio, double advantage, double expected, bool hasGradient)
    {
        using var fixture = new MethodFixture(s_plain);
        Sample sample = Moved(fixture.Samples[0], ratio);
        sample.Advantage = advantage;
        (double loss, float[][] gradients) = fixture.Differentiate([sample]);

        Assert.Equal(expected, loss, 1e-3);
        Assert.Equal(hasGradient, gradients.Any(values => values.Any(value => Math.Abs(value) > 1e-7)));
        Assert.Equal(ratio, fixture.Meter[Grpo.Ratio]!.Value, 1e-3);
    }

    [Fact]
    public void Every_token_of_the_update_counts_the_same()
    {
        using var fixture = new MethodFixture(s_plain);
        (double loss, _) = fixture.Differentiate();
        double tokens = fixture.Samples.Sum(sample => sample.Rollout.Ids.Length);
        double expected = -fixture.Samples.Sum(sample => sample.Advantage * sample.Rollout.Ids.Length) / tokens;

        Assert.Equal(expected, loss, 1e-4);
    }

    [Fact]
    public void Without_any_advantage_there_is_no_update()
    {
        using var fixture = new MethodFixture(s_plain.With(s_settings with { KlCoefficient = 0.1, EntropyCoefficient = 0.1 }));
        foreach (Sample sample in fixture.Samples) sample.Advantage = 0;
        fixture.Learner.BeginStep(fixture.Samples);

        Assert.Null(fixture.Learner.Accumulate(fixture.Samples, fixture.Meter));
        Assert.All(fixture.Learner.Parameters, pair => Assert.Null(pair.Parameter.grad));
    }

    /// <summary>
    /// Why there is none: AdamW divides by the size of the gradient. A divergence alone, after a single update of the policy, would move the
    /// weights more than half as far as that update did, and little further with a hundred times the coefficient.
    /// </summary>
    [Fact]
    public void A_divergence_alone_would_move_the_weights_as_far_whatever_its_coefficient()
    {
        (double policy, double small) = Moves(0.001);
        (_, double large) = Moves(0.1);
        Assert.InRange(small / policy, 0.5, 1);
        Assert.InRange(large / small, 1, 2);

        static (double Policy, double Divergence) Moves(double coefficient)
        {
            using var fixture = new MethodFixture(s_plain.With(s_settings with { KlCoefficient = coefficient }) with { LearningRate = 1e-3 });
            double[] advantages = [.. fixture.Samples.Select(sample => sample.Advantage)];
            return (Move(1), Move(1e-30)); // not zero, or nothing would happen at all

            double Move(double scale)
            {
                for (int i = 0; i < advantages.Length; i++) fixture.Samples[i].Advantage = advantages[i] * scale;
                double[] before = Values(fixture);
                foreach (ParameterGroup group in fixture.Learner.Groups) group.Optimizer.Reset();
                fixture.Step(1);
                return Math.Sqrt(Values(fixture).Zip(before, (x, y) => (x - y) * (x - y)).Sum());
            }
        }

        static double[] Values(MethodFixture fixture) =>
            [.. fixture.Learner.Parameters.SelectMany(pair => Floats.Of(pair.Parameter)).Select(value => (double)value)];
    }

    [Fact]
    public void The_divergence_from_the_start_model_is_zero_at_the_start_and_positive_after_a_step()
    {
        using var fixture = new MethodFixture(s_plain.With(s_settings with { KlCoefficient = 1 }) with { LearningRate = 0.01 });
        (double loss, _) = fixture.Differentiate();
        Assert.InRange(fixture.Meter[Grpo.Kl]!.Value, -1e-6, 1e-6);
        using Tensor found = tensor(loss);
        PlainUpdate.Apply(fixture.Learner, found, fixture.Recipe, 1, fixture.Meter);

        using var after = new Meter();
        using Tensor? next = fixture.Learner.Accumulate(fixture.Samples, after);
        Assert.True(after[Grpo.Kl] > 1e-5);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 0.36787944117144233, 0.6321205588285577)]
    [InlineData(2, 4.38905609893065, -6.38905609893065)]
    [InlineData(2.6, 9.863738035001691, -12.463738035001691)]
    [InlineData(3, 10, 0)]
    [InlineData(100, 10, 0)]
    [InlineData(-9, 8.00012340980409, 0.9998765901959134)]
    [InlineData(-19, 10, 0)]
    public void The_divergence_of_a_token_is_bounded_and_has_no_gradient_beyond(double k, double expected, double slope)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor now = tensor(-0.5, requires_grad: true), divergence = Grpo.Divergence(now, tensor(k - 0.5));
        divergence.backward();

        Assert.Equal(expected, divergence.item<double>(), 1e-12);
        Assert.Equal(slope, now.grad!.item<double>(), 1e-12);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_anything_changes()
    {
        using var fixture = new MethodFixture(s_plain);
        float[] before = Floats.Of(fixture.Learner.Parameters[0].Parameter);
        fixture.Differentiate();

        using Tensor loss = tensor(double.NaN);
        Assert.Throws<NonFiniteException>(() => PlainUpdate.Apply(fixture.Learner, loss, fixture.Recipe, 1, fixture.Meter));
        Assert.Equal(before, Floats.Of(fixture.Learner.Parameters[0].Parameter));
    }

    private static Sample Moved(Sample sample, double ratio)
    {
        Rollout rollout = sample.Rollout;
        return new Sample(
            rollout with { LogProbs = [.. rollout.LogProbs.Select(p => (float)(p - Math.Log(ratio)))] }, sample.Text)
        { Learns = true };
    }
}
