using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class CottaTests
{
    private static readonly Recipe s_recipe = new()
    {
        Objective = Cotta.Declaration,
        Trainable = TrainableKind.Norms,
        Optimizer = OptimizerKind.Sgd,
        Momentum = 0,
        MaxGradNorm = 0,
        LearningRate = 0.125,
    };

    private static readonly CottaSettings s_alone = new() { TeacherMemory = 0.5, RestoreShare = 0 };

    [Fact]
    public void The_teacher_is_the_average_of_all_models_so_far()
    {
        using var fixture = new MethodFixture(s_recipe.With(s_alone));
        float[][] expected = Values(fixture);
        Assert.Equal(expected, Teacher(fixture));
        for (int step = 1; step <= 3; step++)
        {
            float[][] before = Values(fixture);
            fixture.Step(step);
            Assert.NotEqual(before, Values(fixture));
            expected = [.. expected.Zip(Values(fixture), (a, b) => a.Zip(b, (x, y) => (0.5f * x) + (0.5f * y)).ToArray())];
            Assert.InRange(MethodFixture.Distance(expected, Teacher(fixture)), 0, 1e-6);
        }
    }

    [Fact]
    public void The_first_step_is_half_of_tents_and_the_teacher_holds_later_ones_back()
    {
        using MethodFixture cotta = new(s_recipe.With(s_alone with { TeacherMemory = 1 }) with { LearningRate = 2 }), tent = new(s_recipe with { Objective = Tent.Declaration, LearningRate = 1 });
        cotta.Step(1);
        tent.Step(1);
        Assert.InRange(MethodFixture.Distance(Values(tent), Values(cotta)), 0, 1e-5);
        Assert.InRange(cotta.Meter[Cotta.Divergence]!.Value, -1e-6, 1e-6);
        using var second = new Meter();
        cotta.Learner.Method.Rule.Update(cotta.Learner, cotta.Samples, 2, second);
        Assert.True(second[Cotta.Divergence] > 1e-5, $"{second[Cotta.Divergence]}");
    }

    /// <summary>Loss and gradient at a model that is not its teacher any more, by tensor operations of the test's own.</summary>
    [Fact]
    public void The_loss_is_the_symmetric_cross_entropy_with_the_teacher()
    {
        using DisposeScope scope = NewDisposeScope();
        using MethodFixture fixture = new(s_recipe.With(s_alone)), hand = new(s_recipe.With(s_alone));
        fixture.Step(1);
        Parameter[] parameters = [.. hand.Learner.Learning];
        Put(parameters, Teacher(fixture));
        Tensor teacher = LogProbs(hand).detach();
        Put(parameters, Values(fixture));
        hand.Learner.ZeroGrad();
        Tensor log = LogProbs(hand), loss = (teacher.exp() * log).Plus(log.exp() * teacher).sum(1).mean().Times(-0.5);
        loss.backward();

        float[][] before = Values(fixture);
        using var second = new Meter();
        fixture.Learner.Method.Rule.Update(fixture.Learner, fixture.Samples, 2, second);
        float[][] moved = [.. before.Zip(Values(fixture), (a, b) => a.Zip(b, (x, y) => (x - y) / 0.125f).ToArray())];

        Assert.Equal(loss.item<float>(), second[Metrics.Loss]!.Value, 1e-4);
        Assert.InRange(MethodFixture.Distance([.. parameters.Select(parameter => Floats.Of(parameter.grad!))], moved), 0, 1e-3);
    }

    [Fact]
    public void Loss_and_gradient_in_float64_are_those_of_the_formula_and_of_its_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using var fixture = new MethodFixture(s_recipe);
        Method method = fixture.Learner.Method;
        Sample[] samples = fixture.Samples[..2];
        var rows = new AnswerRows([.. samples.Select(sample => sample.Rollout)]);
        Tensor hidden = MethodGradientTests.Normal(1, rows.Count, 4), teacher = MethodGradientTests.Normal(2, rows.Count, 4);
        Tensor head = MethodGradientTests.Normal(3, fixture.Learner.Policy.Model.Config.VocabSize, 4), h = hidden.clone().requires_grad_();
        using TokenBatch tokens = TokenBatch.Choose(method, samples, rows, h, head, [0.25, 0.125]);
        double loss = tokens.Backward([tokens.Hidden, teacher], head, method.Loss, method.Temperature).item<double>();

        double[] counts = [.. samples.SelectMany((sample, s) => Enumerable.Repeat(s == 0 ? 0.25 : 0.125, sample.Rollout.Ids.Length))];
        double Formula()
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor p = nn.functional.softmax(hidden.mm(head.t()), 1), q = nn.functional.softmax(teacher.mm(head.t()), 1);
            return ((q * p.log()).Plus(p * q.log()).sum(1) * tensor(counts)).sum().item<double>() * -0.5;
        }

        Assert.Equal(Formula(), loss, 1e-10);
        Tensor flat = hidden.view(-1), found = h.grad!.view(-1);
        for (long i = 0; i < flat.shape[0]; i += Math.Max(1, flat.shape[0] / 60))
        {
            const double Step = 1e-5;
            using DisposeScope inner = NewDisposeScope();
            flat[i] = flat[i].Plus(Step);
            double up = Formula();
            flat[i] = flat[i].Minus(2 * Step);
            double down = Formula();
            flat[i] = flat[i].Plus(Step);
            Assert.Equal((up - down) / (2 * Step), found[i].item<double>(), 1e-6);
        }
    }

    [Fact]
    public void About_the_share_of_all_values_goes_back_to_the_start_and_no_other_value_is_touched()
    {
        CottaSettings settings = s_alone with { RestoreShare = 0.2 };
        using MethodFixture free = new(s_recipe.With(s_alone)), restoring = new(s_recipe.With(settings)), again = new(s_recipe.With(settings));
        float[] start = [.. Values(free).SelectMany(values => values)];
        foreach (MethodFixture fixture in (MethodFixture[])[free, restoring, again]) fixture.Step(1);
        float[] moved = [.. Values(free).SelectMany(values => values)], after = [.. Values(restoring).SelectMany(values => values)];
        int[] changed = [.. Enumerable.Range(0, moved.Length).Where(k => moved[k] != start[k])];
        int back = changed.Count(k => after[k] == start[k]);

        Assert.All(changed, k => Assert.True(after[k] == start[k] || after[k] == moved[k]));
        double share = (double)back / changed.Length, deviation = Math.Sqrt(0.2 * 0.8 / changed.Length);
        Assert.InRange(share, 0.2 - (4 * deviation), 0.2 + (4 * deviation));
        Assert.InRange(restoring.Meter[Cotta.Restored]!.Value, 0.2 - (4 * deviation), 0.2 + (4 * deviation));
        Assert.Equal(Values(restoring), Values(again));
        restoring.Step(2);
        again.Step(2);
        Assert.Equal(Values(restoring), Values(again));
    }

    [Fact]
    public void With_probability_one_everything_goes_back()
    {
        using var fixture = new MethodFixture(s_recipe.With(s_alone with { RestoreShare = 1 }));
        float[][] start = Values(fixture);
        fixture.Step(1);

        Assert.Equal(start, Values(fixture));
        Assert.Equal(1, fixture.Meter[Cotta.Restored]);
    }

    [Fact]
    public void When_everything_goes_back_to_the_start_so_does_the_teacher()
    {
        Recipe recipe = s_recipe.With(s_alone with { RestoreShare = 0.2 }) with { EpisodeSteps = 2 };
        using MethodFixture fixture = new(recipe), anew = new(recipe);
        fixture.Step(1);
        fixture.Step(2);
        fixture.Learner.Reset();
        fixture.Step(1);
        anew.Step(1);

        Assert.Equal(Values(anew), Values(fixture));
        Assert.Equal(Teacher(anew), Teacher(fixture));
    }

    [Fact]
    public void The_micro_batch_split_changes_nothing()
    {
        using MethodFixture whole = new(s_recipe.With(s_alone) with { MicroBatchTokens = 1_000_000 }), single = new(s_recipe.With(s_alone) with { MicroBatchTokens = 1 });
        foreach (MethodFixture fixture in (MethodFixture[])[whole, single])
        {
            fixture.Step(1);
            fixture.Step(2);
        }

        Assert.InRange(MethodFixture.Distance(Values(whole), Values(single)), 0, 1e-5);
    }

    [Fact]
    public void A_head_that_learns_is_refused()
    {
        using var policy = Policy.Load(TinyModel.Folder);
        UserErrorException error = Assert.Throws<UserErrorException>(
            () => Learner.Start(policy, s_recipe with { Trainable = TrainableKind.All }, TinyModel.Folder));
        Assert.Contains("set trainable to body, norms or lora", error.Message);
    }

    private static float[][] Values(MethodFixture fixture) => [.. fixture.Learner.Learning.Select(parameter => Floats.Of(parameter))];

    private static float[][] Teacher(MethodFixture fixture) => [.. fixture.Learner.Method.Tensors.Select(pair => Floats.Of(pair.Values))];

    private static void Put(Parameter[] parameters, float[][] values)
    {
        using IDisposable noGradient = no_grad();
        foreach ((Parameter parameter, float[] own) in parameters.Zip(values)) parameter.copy_(tensor(own).view(parameter.shape)).DetachFromDisposeScope();
    }

    private static Tensor LogProbs(MethodFixture fixture)
    {
        Tensor hidden = new AnswerRows([.. fixture.Samples.Select(sample => sample.Rollout)]).Hidden(fixture.Learner.Policy.Model);
        return nn.functional.log_softmax(nn.functional.linear(hidden, fixture.Learner.Policy.Model.HeadWeight), 1);
    }
}
