using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class SarTests
{
    /// <summary>Plain descent, so that what moved is the gradient that was applied.</summary>
    private static readonly Recipe s_recipe = new Recipe
    {
        Objective = Sar.Declaration,
        Optimizer = OptimizerKind.Sgd,
        Momentum = 0,
        MaxGradNorm = 0,
        LearningRate = 0.125,
    }.With(new ReliableSettings { ReliableShare = 0.6 });

    private static readonly SarSettings s_far = new() { Sharpness = 0.05, RestoreBelow = 0 };

    [Fact]
    public void The_gradient_that_is_applied_is_that_at_the_top_over_tokens_that_are_reliable_at_both_places()
    {
        using DisposeScope scope = NewDisposeScope();
        using var climbing = new MethodFixture(s_recipe.With(s_far));
        float[][] before = Values(climbing);
        climbing.Step(1);
        float[][] moved = [.. before.Zip(Values(climbing), (a, b) => a.Zip(b, (x, y) => (x - y) / 0.125f).ToArray())];

        // The same by hand with tensors of its own: g at the foot, ε, and the gradient there of the tokens that are reliable twice.
        using var hand = new MethodFixture(s_recipe.With(s_far));
        Parameter[] parameters = [.. hand.Learner.Learning];
        using Scalar threshold = climbing.Learner.Method.Numbers[ReliableTokens.Threshold];
        Tensor foot = Entropies(hand), first = foot.le(threshold);
        Backward(foot, first);
        double norm = Math.Sqrt(parameters.Sum(parameter => (parameter.grad! * parameter.grad!).sum().item<float>()));
        using (no_grad())
        {
            foreach (Parameter parameter in parameters) parameter.AddInPlace(parameter.grad!.Times(0.05 / norm)).DetachFromDisposeScope();
        }

        hand.Learner.ZeroGrad();
        Tensor top = Entropies(hand), both = first.logical_and(top.le(threshold));
        Backward(top, both);

        Assert.True(both.sum().item<long>() < first.sum().item<long>(), "some tokens should have left on the way up");
        Assert.InRange(MethodFixture.Distance([.. parameters.Select(parameter => Floats.Of(parameter.grad!))], moved), 0, 1e-3);
        Assert.Equal(first.to(ScalarType.Float64).mean().item<double>(), climbing.Meter[ReliableTokens.Share]!.Value, 1e-9);
    }

    [Fact]
    public void The_weights_come_back_from_the_climb_bit_for_bit()
    {
        using var fixture = new MethodFixture((s_recipe with { LearningRate = 0 }).With(s_far));
        float[][] before = Values(fixture);
        fixture.Step(1);

        Assert.True(fixture.Meter[Metrics.GradNorm] > 0);
        Assert.Equal(before, Values(fixture));
    }

    [Fact]
    public void Without_a_climb_and_a_threshold_it_is_tent()
    {
        float[][] After(Recipe recipe)
        {
            using var fixture = new MethodFixture(recipe);
            for (int step = 1; step <= 3; step++) fixture.Step(step);
            return Values(fixture);
        }

        // The threshold is that of the first step: lines that rise later would be left out.
        float[][] sar = After(s_recipe.With(new SarSettings { Sharpness = 0, RestoreBelow = 0 }).With(new ReliableSettings { ReliableShare = 1 }) with { LearningRate = 0.001 });
        float[][] tent = After(s_recipe with { Objective = Tent.Declaration, LearningRate = 0.001 });
        Assert.InRange(MethodFixture.Distance(tent, sar), 0, 1e-4);
    }

    [Fact]
    public void When_the_averaged_loss_falls_below_its_bound_everything_goes_back_to_the_start()
    {
        using var fixture = new MethodFixture(s_recipe.With(s_far with { RestoreBelow = 1 }));
        float[][] start = Values(fixture);
        fixture.Step(1);
        Assert.NotEqual(start, Values(fixture));
        Assert.Equal(0, fixture.Meter[Sar.Restores]);
        fixture.Step(2);

        Assert.Equal(start, Values(fixture));
        Assert.Equal(1, fixture.Meter[Sar.Restores]);
        Assert.DoesNotContain("sar.average", fixture.Learner.Method.Numbers.Keys);
        fixture.Step(3);
        Assert.Equal(1, fixture.Meter[Sar.Restores]);
    }

    private static float[][] Values(MethodFixture fixture) => [.. fixture.Learner.Learning.Select(parameter => Floats.Of(parameter))];

    private static Tensor Entropies(MethodFixture fixture)
    {
        Tensor hidden = new AnswerRows([.. fixture.Samples.Select(sample => sample.Rollout)]).Hidden(fixture.Learner.Policy.Model);
        return LogitRows.Entropy(nn.functional.log_softmax(nn.functional.linear(hidden, fixture.Learner.Policy.Model.HeadWeight), 1));
    }

    private static void Backward(Tensor entropies, Tensor mask) => (entropies * mask).sum().div(mask.sum()).backward();
}
