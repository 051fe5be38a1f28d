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
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

/// <summary>LoRA, PiSSA and SORSA in the trainer: penalty, reference policy, runs.</summary>
public sealed class AdapterTests
{
    private const double Gamma = 4e-3;

    private static readonly Recipe s_sorsa = new()
    {
        Objective = Tent.Declaration,
        Trainable = TrainableKind.Sorsa,
        LoraRank = 4,
        Optimizer = OptimizerKind.Sgd,
        Momentum = 0,
        LearningRate = 0.05,
        SorsaGamma = Gamma,
        MaxGradNorm = 1e-3,
        Schedule = ScheduleKind.Cosine,
    };

    static AdapterTests() => NativeLibraries.Load(); // tensors before any model

    [Fact]
    public void The_gradient_of_the_penalty_is_that_of_its_formula()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = eye(3, 5, dtype: ScalarType.Float64).Plus(MethodGradientTests.Normal(1, 3, 5).Times(0.2));
        Tensor b = eye(4, 3, dtype: ScalarType.Float64).Plus(MethodGradientTests.Normal(2, 4, 3).Times(0.2));
        (string, Parameter)[] learning =
            [("q.lora_A", Learning(a)), ("q.lora_B", Learning(b)), ("q.lora_S", Learning(ones(3, ScalarType.Float64)))];
        using var kept = new Kept(learning);
        double found = new OrthonormalPenalty(learning, 3).AddTo(0.5).item<double>();

        double Formula() => Off(a).norm().Plus(Off(b.t()).norm()).item<double>() / 2;
        Assert.Equal(Formula(), found, 1e-12);
        foreach ((Tensor input, (_, Parameter parameter)) in ((Tensor[])[a, b]).Zip(learning))
        {
            Tensor flat = input.view(-1), gradient = parameter.grad!.view(-1);
            for (int i = 0; i < flat.shape[0]; i++)
            {
                const double Step = 1e-6;
                flat[i] = flat[i].Plus(Step);
                double up = Formula();
                flat[i] = flat[i].Minus(2 * Step);
                double down = Formula();
                flat[i] = flat[i].Plus(Step);
                Assert.Equal(0.5 + (3 * (up - down) / (2 * Step)), gradient[i].item<double>(), 1e-7); // gradients of one, scaled by half
            }
        }

        Assert.All(Floats.Of(learning[2].Item2.grad!), value => Assert.Equal(0.5, value));

        static Tensor Off(Tensor rows) => rows.mm(rows.t()) - eye(rows.shape[0], dtype: ScalarType.Float64);
    }

    [Fact]
    public void At_orthonormal_vectors_it_is_zero_without_a_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        (string, Parameter)[] learning = [("q.lora_A", Learning(eye(3, 5))), ("q.lora_B", Learning(eye(4, 3)))];
        using var kept = new Kept(learning);
        Assert.Equal(0, new OrthonormalPenalty(learning, 3).AddTo(1).item<double>());
        Assert.All(learning, pair => Assert.All(Floats.Of(pair.Item2.grad!), value => Assert.Equal(1, value)));

        using var fixture = new MethodFixture(s_sorsa);
        float[][] gradients = fixture.Differentiate().Gradients;
        double start = fixture.Learner.Groups[0].Penalty!.AddTo(1).item<double>();
        Assert.InRange(start, 0, 4e-7);
        Assert.Equal(gradients, fixture.Learner.Learning.Select(parameter => Floats.Of(parameter.grad!)));
    }

    [Fact]
    public void A_step_adds_it_after_clipping_at_a_rate_that_follows_the_schedule()
    {
        using var fixture = new MethodFixture(s_sorsa);
        Learner learner = fixture.Learner;
        using (no_grad())
        {
            using Scalar factor = 1.1;
            foreach (Parameter parameter in learner.Learning) parameter.mul_(factor).DetachFromDisposeScope();
        }

        float[][] before = Values(learner), gradients = fixture.Differentiate().Gradients;
        double norm = Math.Sqrt(gradients.Sum(values => values.Sum(value => (double)value * value)));
        float[][] penalty = PenaltyGradients(learner);
        Assert.True(norm > 2e-3);
        learner.ZeroGrad();
        fixture.Step(10);
        double rate = LearningRate.At(10, fixture.Recipe);
        Assert.InRange(rate, 0.4 * s_sorsa.LearningRate, 0.7 * s_sorsa.LearningRate);
        float[][] after = Values(learner);
        for (int p = 0; p < before.Length; p++)
        {
            for (int i = 0; i < before[p].Length; i++)
            {
                double expected = before[p][i] - (rate * ((gradients[p][i] * 1e-3 / norm) + (Gamma / s_sorsa.LearningRate * penalty[p][i])));
                Assert.Equal(expected, after[p][i], 2e-6);
            }
        }

        Assert.Equal(0.21 * 2, fixture.Meter[Metrics.OrthonormalDistance]!.Value, 1e-4); // (1.1² − 1) √rank
    }

    [Theory]
    [InlineData("lora", "float32")]
    [InlineData("pissa", "float32")]
    [InlineData("sorsa", "float32")]
    [InlineData("pissa", "bfloat16")]
    public void The_reference_is_the_base_to_the_bit_without_a_second_model(string trainable, string weights)
    {
        Recipe recipe = new()
        {
            Objective = Tent.Declaration,
            Trainable = (TrainableKind)Words.Parse(typeof(TrainableKind), trainable)!,
            Weights = (WeightsKind)Words.Parse(typeof(WeightsKind), weights)!,
            LearningRate = 0.01,
        };
        using var fixture = new MethodFixture(recipe);
        MethodContext context = new(fixture.Learner.Policy, fixture.Recipe, TinyModel.Folder, ComputeDevice.Cpu, fixture.Learner.Parameters);
        using ReferenceModel shared = ReferenceModel.Load(context);
        using ReferenceModel loaded = ReferenceModel.Load(context with { Recipe = recipe with { Trainable = TrainableKind.All } });
        Assert.Same(fixture.Learner.Policy.Model, shared.Model);
        Assert.NotSame(fixture.Learner.Policy.Model, loaded.Model);
        fixture.Step(1);
        fixture.Step(2);
        float[][] own = LogProbs(shared), others = LogProbs(loaded);
        Assert.Equal(others, own);
        SampleScores.Each(
            shared.Model, fixture.Samples[..1], 1, 8192, (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (_, learnt) => Assert.NotEqual(own[0], learnt));

        float[][] LogProbs(ReferenceModel reference)
        {
            Dictionary<Sample, float[]> all = reference.LogProbs(fixture.Samples, 1, 8192);
            return [.. fixture.Samples.Select(sample => all[sample])];
        }
    }

    [Theory]
    [InlineData("pissa")]
    [InlineData("sorsa")]
    public void A_run_saves_the_merged_model_and_a_plain_adapter(string trainable)
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(
            folder, "ttrl", "run", "--steps", "2", "--set", "updates-per-rollout=1", "--set", $"trainable={trainable}", "--set", "lora-rank=4", "--set",
            "learning-rate=1e-3");
        Assert.True(run.ExitCode == 0, run.Error);
        RunFolder files = RunFolder.Open(folder.File("run"));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(files.AdapterFolder, "adapter_config.json")));
        Assert.Equal(8, config.RootElement.GetProperty("r").GetInt32());
        Assert.Equal(8, config.RootElement.GetProperty("lora_alpha").GetDouble());
        Assert.Equal(trainable == "sorsa", File.ReadAllText(files.MetricsFile).Contains(Metrics.OrthonormalDistance, StringComparison.Ordinal));
        using Policy adapted = Policy.Load(files.ModelFolder), start = Policy.Load(TinyModel.Folder);
        Assert.NotEqual(Floats.Of(start.Model.Layers[0].Attention.Query.Weight), Floats.Of(adapted.Model.Layers[0].Attention.Query.Weight));
        Assert.Equal(Floats.Of(start.Model.Layers[0].FeedForward.Up.Weight), Floats.Of(adapted.Model.Layers[0].FeedForward.Up.Weight));
    }

    private static float[][] PenaltyGradients(Learner learner)
    {
        using DisposeScope scope = NewDisposeScope();
        learner.ZeroGrad();
        foreach (Parameter parameter in learner.Learning) parameter.grad = zeros_like(parameter);
        new OrthonormalPenalty(learner.Parameters, 1).AddTo(1);
        return [.. learner.Learning.Select(parameter => Floats.Of(parameter.grad!))];
    }

    private static float[][] Values(Learner learner) => [.. learner.Learning.Select(parameter => Floats.Of(parameter))];

    /// <summary>With a gradient of ones.</summary>
    private static Parameter Learning(Tensor values)
    {
        var parameter = new Parameter(values.clone());
        parameter.grad = ones_like(values);
        return parameter;
    }

    private sealed class Kept((string, Parameter)[] parameters) : IDisposable
    {
        public void Dispose()
        {
            foreach ((_, Parameter parameter) in parameters) parameter.Dispose();
        }
    }
}
