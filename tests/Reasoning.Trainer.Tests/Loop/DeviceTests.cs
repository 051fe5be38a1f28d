using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Tests.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>What a GPU asks of the training path, as far as it shows without one.</summary>
public sealed class DeviceTests
{
    /// <summary>All but AEPO, which samples in its step: what a sampler makes for the host is to be on the host.</summary>
    public static TheoryData<string> Shipped => [.. RecipeFile.Shipped.Where(name => name != "aepo")];

    /// <summary>
    /// libtorch's meta device has shapes and no values. While it is the default, a tensor that is made without naming a device meets those
    /// of the model in vain, and reading from it throws. Weights in bfloat16 keep the step off the paths that only the CPU has.
    /// </summary>
    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_tensor_of_a_training_step_is_made_where_the_model_is(string recipe) => Step(recipe);

    [Theory]
    [InlineData("zerosiam", "predictor-init=random")]
    [InlineData("zerosiam", "predictor-steps=2")]
    [InlineData("zerosiam", "align-gradient=predictor")]
    [InlineData("tent", "trainable=pissa")]
    [InlineData("ttrl", "trainable=sorsa")]
    public void So_it_is_with_other_settings(string recipe, string setting) => Step(recipe, EffectiveRecipe.Assignment(setting));

    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    public void The_start_model_of_the_divergence_follows_the_learner_in_device_and_type(string weights)
    {
        var recipe = new Recipe { Weights = (WeightsKind)Words.Parse(typeof(WeightsKind), weights)!, Objective = ZeroSiam.Declaration };
        var device = ComputeDevice.Of(META);
        var policy = Policy.Load(TinyModel.Folder);
        policy.Model.MoveTo(device);
        using var learner = Learner.Start(policy, recipe, TinyModel.Folder, device);
        using var reference = ReferenceModel.Load(new MethodContext(learner.Policy, recipe, TinyModel.Folder, device, learner.Parameters));
        ScalarType type = weights == "float32" ? ScalarType.Float32 : ScalarType.BFloat16;

        Assert.All(reference.Model.named_parameters(), pair => Assert.Equal((DeviceType.META, type), (pair.parameter.device_type, pair.parameter.dtype)));
        Assert.All(learner.Parameters, pair => Assert.Equal(DeviceType.META, pair.Parameter.device_type));
        Assert.All(learner.Groups.SelectMany(group => group.Optimizer.Moments), moment => Assert.Equal(DeviceType.META, moment.Values.device_type));
        Assert.All(learner.Method.Parameters, extra => Assert.Equal(DeviceType.META, extra.Parameter.device_type));
    }

    private static void Step(string recipe, params (string Key, string Value, string Where)[] settings)
    {
        using var fixture = new MethodFixture(EffectiveRecipe.Build(RecipeFile.Load(recipe), settings).Recipe with { Weights = WeightsKind.Bfloat16 });
        set_default_device(META);
        try
        {
            using Tensor made = zeros(1);
            Assert.Equal(DeviceType.META, made.device_type);
            fixture.Step(1);
        }
        finally
        {
            set_default_device(CPU);
        }

        Assert.Equal(recipe != "temperature", fixture.Meter[Metrics.GradNorm] > 0);
        Assert.All(fixture.Meter.Values, pair => Assert.True(double.IsFinite(pair.Value), pair.Metric.Name));
    }
}
