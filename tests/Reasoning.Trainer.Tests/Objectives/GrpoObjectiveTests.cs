using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Objectives;

public sealed class GrpoObjectiveTests
{
    private static readonly Recipe s_plain = new()
    {
        Objective = ObjectiveKind.Grpo,
        Reward =
            RewardKind.Majority,
        ClipLow = 0.2,
        ClipHigh = 0.28,
        DualClip = 3,
        KlCoefficient = 0,
        EntropyCoefficient = 0,
    };

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
        using var fixture = new ObjectiveFixture(s_plain);
        Sample sample = Moved(fixture.Samples[0], ratio);
        sample.Advantage = advantage;
        (double loss, float[][] gradients) =
            fixture.Differentiate(new GrpoObjective(fixture.Learner.Policy, null, fixture.Recipe), [sample]);

        Assert.Equal(expected, loss, 1e-3);
        Assert.Equal(hasGradient, gradients.Any(values => values.Any(value => Math.Abs(value) > 1e-7)));
        Assert.Equal(ratio, fixture.Meter[Metrics.Ratio]!.Value, 1e-3);
    }

    [Fact]
    public void Every_token_of_the_update_counts_the_same()
    {
        using var fixture = new ObjectiveFixture(s_plain);
        (double loss, _) = fixture.Differentiate(new GrpoObjective(fixture.Learner.Policy, null, fixture.Recipe));
        double tokens = fixture.Samples.Sum(sample => sample.Rollout.Ids.Length);
        double expected = -fixture.Samples.Sum(sample => sample.Advantage * sample.Rollout.Ids.Length) / tokens;

        Assert.Equal(expected, loss, 1e-4);
    }

    [Fact]
    public void Without_any_advantage_there_is_no_update()
    {
        using var fixture = new ObjectiveFixture(s_plain with { KlCoefficient = 0.1, EntropyCoefficient = 0.1 });
        foreach (Sample sample in fixture.Samples) sample.Advantage = 0;
        using var objective =
            new GrpoObjective(fixture.Learner.Policy, ReferenceModel.Load(TinyModel.Folder, fixture.Learner), fixture.Recipe);
        objective.Begin(fixture.Samples);

        Assert.Null(objective.Accumulate(fixture.Samples, fixture.Meter));
        Assert.All(fixture.Learner.Parameters, pair => Assert.Null(pair.Parameter.grad));
    }

    [Fact]
    public void The_divergence_from_the_start_model_is_zero_at_the_start_and_positive_after_a_step()
    {
        using var fixture = new ObjectiveFixture(s_plain with { KlCoefficient = 1, LearningRate = 0.01 });
        using var objective =
            new GrpoObjective(fixture.Learner.Policy, ReferenceModel.Load(TinyModel.Folder, fixture.Learner), fixture.Recipe);
        (double loss, _) = fixture.Differentiate(objective);
        Assert.InRange(fixture.Meter[Metrics.Kl]!.Value, -1e-6, 1e-6);
        using Tensor found = tensor(loss);
        OptimizerStep.Apply(fixture.Learner, found, fixture.Recipe, 1, fixture.Meter);

        using var after = new Meter();
        using Tensor? next = objective.Accumulate(fixture.Samples, after);
        Assert.True(after[Metrics.Kl] > 1e-5);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_anything_changes()
    {
        using var fixture = new ObjectiveFixture(s_plain);
        float[] before = Floats.Of(fixture.Learner.Parameters[0].Parameter);
        fixture.Differentiate(new GrpoObjective(fixture.Learner.Policy, null, fixture.Recipe));

        using Tensor loss = tensor(double.NaN);
        Assert.Throws<NonFiniteException>(() => OptimizerStep.Apply(fixture.Learner, loss, fixture.Recipe, 1, fixture.Meter));
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
