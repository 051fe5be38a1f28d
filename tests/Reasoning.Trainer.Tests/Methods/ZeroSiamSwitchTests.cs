using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class ZeroSiamSwitchTests
{
    private const double Alpha = 0.7, Temperature = 0.8;
    private static readonly Recipe s_recipe = new() { Objective = ZeroSiam.Declaration, LearningRate = 0.01 };
    private static readonly Recipe s_sgd = s_recipe with { Optimizer = OptimizerKind.Sgd, MaxGradNorm = 0 };

    static ZeroSiamSwitchTests() => NativeLibraries.Load(); // tensors before any model

    /// <summary>Gradients in float64 against finite differences of the formula, with as constant in it what the switch says.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Its_gradient_is_that_of_the_formula_with_what_the_switches_hold_constant(bool stopGradient, bool aligns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = MethodGradientTests.Normal(1, 5, 3), head = MethodGradientTests.Normal(3, 7, 3), weights = MethodGradientTests.Normal(4, 5, 1).view(5).abs();
        Tensor predictor = eye(3, dtype: ScalarType.Float64).Plus(MethodGradientTests.Normal(2, 3, 3).Times(0.3));
        Tensor fixedHidden = hidden.clone(), fixedHead = head.clone();
        Tensor[] inputs = [hidden, predictor, head], leaves = [.. inputs.Select(input => input.clone().requires_grad_())];
        using var tokens = new TokenBatch(leaves[0], weights);
        if (!aligns) ZeroSiam.TeachPredictor(tokens, leaves[1], leaves[2], Alpha, Temperature);
        double loss = tokens.Backward(
            ZeroSiam.States(tokens.Hidden, leaves[1], stopGradient), leaves[2],
            (rows, batch) => ZeroSiam.Loss(rows, batch, Alpha, Temperature, zeros(7, ScalarType.Float64), aligns), Temperature).item<double>();

        Tensor LogProbs(Tensor states, Tensor matrix) => nn.functional.log_softmax(states.mm(matrix.t()).DividedBy(Temperature), 1);
        double Formula()
        {
            Tensor entropy = LogProbs(hidden.mm(predictor.t()), head);
            Tensor target = stopGradient ? LogProbs(fixedHidden, fixedHead) : LogProbs(hidden, head), r = target.exp();
            Tensor online = aligns ? entropy : LogProbs(fixedHidden.mm(predictor.t()), fixedHead), p = online.exp();
            Tensor divergence = (r * (target - online)).sum(1).Plus((p * (online - target)).sum(1));
            return ((entropy.exp() * entropy).sum(1).neg().Plus(divergence.Times(Alpha)) * weights).sum().item<double>();
        }

        Assert.Equal(Formula(), loss, 1e-12);
        for (int input = 0; input < inputs.Length; input++)
        {
            Tensor flat = inputs[input].view(-1), gradient = leaves[input].grad!.view(-1);
            for (int i = 0; i < flat.shape[0]; i++)
            {
                const double Step = 1e-5;
                flat[i] = flat[i].Plus(Step);
                double up = Formula();
                flat[i] = flat[i].Minus(2 * Step);
                double down = Formula();
                flat[i] = flat[i].Plus(Step);
                Assert.Equal((up - down) / (2 * Step), gradient[i].item<double>(), 1e-7);
            }
        }
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void With_the_predictor_frozen_at_the_identity_it_is_tent_to_the_bit(string optimizer)
    {
        Recipe recipe = s_recipe with { Optimizer = (OptimizerKind)Words.Parse(typeof(OptimizerKind), optimizer)! };
        float[][] tent = ModelAfter(recipe with { Objective = Tent.Declaration }, 3);
        foreach (PredictorSettings settings in (PredictorSettings[])
            [new() { PredictorRatio = 0 }, new() { PredictorRatio = 0, StopGradient = false },
            new() { PredictorRatio = 0, AlignGradient = AlignGradientKind.Predictor }])
        {
            Assert.Equal(tent, ModelAfter(recipe.With(settings), 3));
        }

        float[][] random = ModelAfter(recipe.With(new PredictorSettings { PredictorRatio = 0, PredictorInit = PredictorInitKind.Random }), 3);
        Assert.True(MethodFixture.Distance(tent, random) > 1e-4);
    }

    /// <summary>The switches part after the first step alone, since at the identity the divergence has no gradient.</summary>
    [Fact]
    public void Every_switch_begins_as_tent_and_then_goes_its_own_way()
    {
        PredictorSettings[] all =
        [
            new() { PredictorRatio = 10 }, new() { PredictorRatio = 10, StopGradient = false },
            new() { PredictorRatio = 10, AlignGradient = AlignGradientKind.Predictor }, new() { PredictorRatio = 10, PredictorSteps = 2 },
        ];
        float[][] tent = ModelAfter(s_sgd with { Objective = Tent.Declaration }, 1);
        Assert.All(all, settings => Assert.Equal(tent, ModelAfter(s_sgd.With(settings), 1)));
        float[][][] later = [.. all.Select(settings => ModelAfter(s_sgd.With(settings), 3))];
        for (int i = 0; i < all.Length; i++)
        {
            for (int k = 0; k < i; k++) Assert.NotEqual(later[i], later[k]);
        }
    }

    [Fact]
    public void A_random_predictor_is_keyed_by_the_seed_bounded_and_measured_from_where_it_began()
    {
        PredictorSettings random = new() { PredictorInit = PredictorInitKind.Random };
        using MethodFixture fixture = new(s_recipe.With(random)), same = new(s_recipe.With(random)), other = new(s_recipe.With(random) with { Seed = 2 });
        float[] first = Predictor(fixture);
        Assert.Equal(first, Predictor(same));
        Assert.NotEqual(first, Predictor(other));
        Assert.All(first, value => Assert.InRange(Math.Abs(value), 0, 1 / Math.Sqrt(32)));
        Assert.InRange(first.Select(value => value * value).Average(), 0.9 / 96, 1.1 / 96);

        fixture.Step(1);
        double moved = Math.Sqrt(first.Zip(Predictor(fixture), (before, after) => Math.Pow(after - before, 2)).Sum() / 32);
        Assert.True(moved > 1e-3);
        Assert.Equal(moved, fixture.Meter[ZeroSiam.PredictorDeviation]!.Value, 1e-6);
    }

    [Fact]
    public void Sgd_moves_the_predictor_with_momentum_at_its_own_rate()
    {
        using var fixture = new MethodFixture(
            s_sgd.With(new PredictorSettings { PredictorRatio = 5, PredictorMaxGradNorm = 0 }) with { Momentum = 0.8 });
        float[] start = Predictor(fixture), first = fixture.Differentiate().Gradients[^1];
        fixture.Learner.ZeroGrad();
        fixture.Step(1);
        float[] second = fixture.Differentiate().Gradients[^1];
        fixture.Learner.ZeroGrad();
        fixture.Step(2);
        float[] end = Predictor(fixture);
        Assert.True(first.Max(Math.Abs) > 1e-4);
        for (int i = 0; i < start.Length; i++)
            Assert.Equal(start[i] - (0.05 * (first[i] + (0.8 * first[i]) + second[i])), end[i], 1e-6);
    }

    [Fact]
    public void Further_steps_move_the_predictor_alone_by_its_gradient_on_the_same_answers()
    {
        PredictorSettings one = new() { PredictorRatio = 5, PredictorMaxGradNorm = 0 };
        Recipe recipe = s_sgd with { Momentum = 0 };
        using MethodFixture single = new(recipe.With(one)), twice = new(recipe.With(one with { PredictorSteps = 2 }));
        single.Step(1);
        twice.Step(1);
        Assert.Equal(Model(single), Model(twice));
        Assert.Equal(1, twice.Meter[Metrics.Updates]);
        Assert.Equal(single.Meter[Metrics.LogProbGapMax], twice.Meter[Metrics.LogProbGapMax]);

        float[] before = Predictor(single), gradient = single.Differentiate().Gradients[^1], after = Predictor(twice);
        Assert.True(gradient.Max(Math.Abs) > 1e-4);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i] - (0.05 * gradient[i]), after[i], 1e-7);
    }

    [Fact]
    public void Tent_measures_the_same_signs_of_collapse()
    {
        using MethodFixture tent = After(s_recipe with { Objective = Tent.Declaration }, 1), siam = After(s_recipe, 1);
        Assert.All(
            (Metric[])[LogitStatistics.Norm, LogitStatistics.TopTokenShare, Metrics.Entropy],
            metric => Assert.Equal(tent.Meter[metric]!.Value, siam.Meter[metric]!.Value));
        Assert.True(tent.Meter[LogitStatistics.Norm] > 1);
        Assert.InRange(tent.Meter[LogitStatistics.TopTokenShare]!.Value, 0.05, 0.95);
    }

    [Fact]
    public void Without_the_head_nothing_but_head_and_embedding_stays()
    {
        using MethodFixture fixture = After(s_recipe with { Trainable = TrainableKind.Body }, 2);
        using Policy start = Policy.Load(TinyModel.Folder);
        Assert.Equal(Floats.Of(start.Model.HeadWeight), Floats.Of(fixture.Learner.Policy.Model.HeadWeight));
        string[] names = [.. start.Model.Select(TrainableSet.All).Select(pair => pair.Name).Where(name => name != "model.embed_tokens.weight")];
        Assert.Equal(names, fixture.Learner.Parameters.Select(pair => pair.Name));
        Dictionary<string, float[]> before = start.Model.Select(TrainableSet.All).ToDictionary(pair => pair.Name, pair => Floats.Of(pair.Parameter));
        Assert.All(fixture.Learner.Parameters, pair => Assert.NotEqual(before[pair.Name], Floats.Of(pair.Parameter)));
    }

    [Fact]
    public void Switches_that_contradict_each_other_are_refused()
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        string Refusal(PredictorSettings settings) =>
            Assert.Throws<UserErrorException>(() => Learner.Start(policy, s_recipe.With(settings), TinyModel.Folder)).Message;

        Assert.Contains("set stop-gradient to true", Refusal(new() { StopGradient = false, AlignGradient = AlignGradientKind.Predictor }));
        Assert.Contains("set predictor-ratio above 0", Refusal(new() { PredictorSteps = 2, PredictorRatio = 0 }));
    }

    /// <summary>A stream: one answer to one prompt a step, in the order of the file.</summary>
    [Theory]
    [InlineData("zerosiam")]
    [InlineData("tent")]
    public void Online_accuracy_counts_every_answer_before_it_teaches(string recipe)
    {
        using var folder = new TempFolder();
        string[] stream =
            ["--set", "prompts-per-step=1", "--set", "samples-per-prompt=1", "--set", "prompt-order=file", "--set", "guard=false", "--set", "eval-samples=0"];
        Cli run = Cli.Train(folder, recipe, "run", ["--steps", "8", .. stream]);
        Assert.True(run.ExitCode == 0, run.Error);
        RunFolder files = RunFolder.Open(folder.File("run"));
        JsonElement[] samples = Lines(files.SamplesFile), steps = Lines(files.MetricsFile);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "p5", "p0", "p1"], samples.Select(sample => sample.GetProperty("prompt_id").GetString()));
        int right = 0;
        for (int i = 0; i < 8; i++)
        {
            right += samples[i].GetProperty("correct").GetBoolean() ? 1 : 0;
            Assert.Equal((double)right / (i + 1), steps[i].GetProperty(Metrics.OnlineAccuracy).GetDouble(), 1e-12);
        }

        Assert.InRange(right, 1, 7);
    }

    private static JsonElement[] Lines(string file) => [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)];

    private static MethodFixture After(Recipe recipe, int steps)
    {
        var fixture = new MethodFixture(recipe);
        for (int step = 1; step <= steps; step++) fixture.Step(step);
        return fixture;
    }

    private static float[][] ModelAfter(Recipe recipe, int steps)
    {
        using MethodFixture fixture = After(recipe, steps);
        return Model(fixture);
    }

    private static float[][] Model(MethodFixture fixture) => [.. fixture.Learner.Parameters.Select(pair => Floats.Of(pair.Parameter))];

    private static float[] Predictor(MethodFixture fixture) => Floats.Of(fixture.Learner.Method.Parameters[0].Parameter);
}
