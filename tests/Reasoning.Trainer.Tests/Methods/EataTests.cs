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

public sealed class EataTests
{
    /// <summary>Plain descent, so that what moved is the gradient that was applied.</summary>
    private static readonly Recipe s_eta = new Recipe
    {
        Objective = Eata.Eta,
        Optimizer = OptimizerKind.Sgd,
        Momentum = 0,
        MaxGradNorm = 0,
        LearningRate = 0.125,
    }.With(new ReliableSettings { ReliableShare = 0.6 });

    private static readonly Recipe s_eata = s_eta with { Objective = Eata.Declaration };

    [Fact]
    public void Reliable_tokens_count_the_more_the_surer_they_are()
    {
        using var fixture = new MethodFixture(s_eta);
        (double loss, _) = fixture.Differentiate();
        double[] entropies = [.. fixture.Samples.SelectMany(sample => Entropies(fixture, sample)).Order()];
        double threshold = entropies[(int)(0.6 * entropies.Length)];
        double[] reliable = [.. entropies.Where(e => e <= threshold + 1e-6)];

        Assert.Equal(reliable.Average(e => Math.Exp(threshold - e) * e), loss, 1e-4);
        Assert.Equal(reliable.Length, fixture.Meter[Metrics.TrainedTokens]);
        Assert.Equal((double)reliable.Length / entropies.Length, fixture.Meter[ReliableTokens.Share]!.Value, 1e-6);
    }

    [Fact]
    public void From_the_second_step_on_the_answers_that_are_most_like_the_first_ones_are_left_out()
    {
        using DisposeScope scope = NewDisposeScope();
        using var fixture = new MethodFixture(s_eta.With(new ReliableSettings { ReliableShare = 1 }).With(new EataSettings { RedundantShare = 0.25 }));
        fixture.Differentiate();
        Assert.Equal(0, fixture.Meter[Eata.RedundantShare]);

        using var second = new Meter();
        fixture.Learner.ZeroGrad();
        fixture.Learner.BeginStep(fixture.Samples);
        fixture.Learner.Accumulate(fixture.Samples, second)!.Dispose();

        // By hand: the mean distribution of each answer, and how like the mean of those it is.
        Tensor all = stack([.. fixture.Samples.Select(sample => Distribution(fixture, sample))]), typical = all.mean([0]);
        double[] like = [.. Floats.Of(all.mv(typical) / (all.norm(1) * typical.norm())).Select(value => (double)value)];
        Sample[] redundant = [.. fixture.Samples.Zip(like).OrderByDescending(pair => pair.Second).Take(3).Select(pair => pair.First)];
        int left = fixture.Samples.Except(redundant).Sum(sample => sample.Rollout.Ids.Length);

        Assert.Equal(12, fixture.Samples.Length);
        Assert.Equal(left, second[Metrics.TrainedTokens]);
        Tensor expected = typical.Times(0.9).Plus(stack([.. fixture.Samples.Except(redundant).Select(sample => Distribution(fixture, sample))]).mean([0]).Times(0.1));
        Assert.InRange((expected - fixture.Learner.Method.Tensors[0].Values).abs().max().item<float>(), 0, 1e-6);
    }

    [Fact]
    public void When_every_answer_is_redundant_there_is_no_update()
    {
        using var fixture = new MethodFixture(s_eta);
        fixture.Step(1);
        fixture.Learner.BeginStep(fixture.Samples);
        fixture.Learner.Method.Numbers["eata.like"] = -1;
        fixture.Learner.BeginStep(fixture.Samples);

        Assert.Null(fixture.Learner.Accumulate(fixture.Samples, fixture.Meter));
        Assert.All(fixture.Learner.Parameters, pair => Assert.Null(pair.Parameter.grad));
    }

    [Fact]
    public void The_first_step_of_eata_is_that_of_eta_and_measures_the_mean_over_answers_of_squared_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using MethodFixture eta = new(s_eta), eata = new(s_eata.With(new AnchorSettings { FisherAnswers = 3 })), hand = new(s_eta);
        eta.Step(1);
        eata.Step(1);
        Assert.Equal(Values(eta), Values(eata));
        Assert.Equal(0, eata.Meter[Eata.Pull]);

        Parameter[] parameters = [.. hand.Learner.Learning];
        Tensor[] squares = [.. parameters.Select(parameter => zeros_like(parameter))];
        foreach (Sample sample in hand.Samples[..3])
        {
            hand.Learner.ZeroGrad();
            LogProbs(hand, sample).amax([1]).mean().neg().backward();
            using IDisposable noGradient = no_grad();
            foreach ((Tensor sum, Parameter parameter) in squares.Zip(parameters)) sum.AddInPlace((parameter.grad! * parameter.grad!).DividedBy(3));
        }

        float[][] found = [.. eata.Learner.Method.Tensors.Where(pair => pair.Name.StartsWith("fisher.", StringComparison.Ordinal)).Select(pair => Floats.Of(pair.Values))];
        Assert.InRange(MethodFixture.Distance([.. squares.Select(Floats.Of)], found), 0, 1e-3);
    }

    [Fact]
    public void Later_steps_are_pulled_back_by_the_gradient_of_the_weighted_squared_distance()
    {
        const double Weight = 50;
        using DisposeScope scope = NewDisposeScope();
        using MethodFixture free = new(s_eata.With(new AnchorSettings { AnchorWeight = 0 })), held = new(s_eata.With(new AnchorSettings { AnchorWeight = Weight }));
        float[][] start = Values(free);
        free.Step(1);
        held.Step(1);
        float[][] first = Values(held);
        Assert.Equal(Values(free), first);
        free.Step(2);
        held.Step(2);

        float[][] fisher = [.. held.Learner.Method.Tensors.Skip(1).Select(pair => Floats.Of(pair.Values))];
        double pull = 0;
        float[][] expected = Values(free);
        for (int k = 0; k < first.Length; k++)
        {
            for (int i = 0; i < first[k].Length; i++)
            {
                double away = first[k][i] - start[k][i];
                pull += Weight * fisher[k][i] * away * away;
                expected[k][i] -= (float)(0.125 * 2 * Weight * fisher[k][i] * away);
            }
        }

        Assert.True(pull > 1e-6);
        Assert.Equal(pull, held.Meter[Eata.Pull]!.Value, 1e-4 * pull);
        Assert.InRange(MethodFixture.Distance(expected, Values(held)), 0, 1e-6);
        Assert.NotEqual(Values(free), Values(held));
    }

    [Fact]
    public void After_everything_has_gone_back_to_the_start_it_begins_anew()
    {
        using MethodFixture fixture = new(s_eata with { EpisodeSteps = 2 }), anew = new(s_eata);
        fixture.Step(1);
        fixture.Step(2);
        fixture.Learner.Reset();
        foreach (MethodFixture one in (MethodFixture[])[fixture, anew])
        {
            one.Step(1);
            one.Step(2);
        }

        Assert.Equal(Values(anew), Values(fixture));
        Assert.Equal(anew.Learner.Method.Numbers, fixture.Learner.Method.Numbers);
    }

    [Fact]
    public void The_micro_batch_split_changes_nothing()
    {
        using MethodFixture whole = new(s_eata with { MicroBatchTokens = 1_000_000 }), single = new(s_eata with { MicroBatchTokens = 1 });
        (double loss, float[][] gradients) = whole.Differentiate();
        (double expected, float[][] expectedGradients) = single.Differentiate();

        Assert.Equal(expected, loss, 1e-5);
        Assert.InRange(MethodFixture.Distance(expectedGradients, gradients), 0, 1e-4);
    }

    private static float[][] Values(MethodFixture fixture) => [.. fixture.Learner.Learning.Select(parameter => Floats.Of(parameter))];

    /// <summary>[answer tokens, vocab]</summary>
    private static Tensor LogProbs(MethodFixture fixture, Sample sample)
    {
        CausalLM model = fixture.Learner.Policy.Model;
        return nn.functional.log_softmax(nn.functional.linear(new AnswerRows([sample.Rollout]).Hidden(model), model.HeadWeight), 1);
    }

    private static Tensor Distribution(MethodFixture fixture, Sample sample)
    {
        using IDisposable noGradient = no_grad();
        return LogProbs(fixture, sample).exp().mean([0]);
    }

    private static double[] Entropies(MethodFixture fixture, Sample sample)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. Floats.Of(LogitRows.Entropy(LogProbs(fixture, sample))).Select(e => (double)e)];
    }
}
