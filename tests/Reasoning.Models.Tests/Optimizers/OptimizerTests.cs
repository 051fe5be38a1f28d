using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Optimizers;

[Collection("Thread count")]
public sealed class OptimizerTests
{
    private const double Decay = 0.1;

    /// <summary>A few elements, a tail behind whole vectors, more than one work item.</summary>
    private static readonly long[][] s_shapes = [[3], [7, 5], [257, 129], [64]];

    public static TheoryData<bool, bool, bool> Paths =>
        new(from adam in (bool[])[true, false] from fused in (bool[])[true, false] from clips in (bool[])[true, false] select (adam, fused, clips));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Ten_steps_are_those_of_TorchSharps_own_optimizers(bool adam, bool fused, bool clips)
    {
        double most = clips ? 20 : 1e30;
        using DisposeScope whole = NewDisposeScope();
        (string, Parameter Parameter)[] ours = Make(), theirs = Make();
        Parameter[] expected = [.. theirs.Select(pair => pair.Parameter)];
        using Optimizer optimizer = Of(adam, ours, fused);
        using OptimizerHelper oracle = adam
            ? optim.AdamW(expected, 0.01, 0.9, 0.95, weight_decay: Decay)
            : optim.SGD(expected, 0.01, 0.9, weight_decay: Decay);
        for (int step = 0; step < 10; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            SetGradients(ours, step);
            SetGradients(theirs, step);
            double norm = Floats.Numbers([optimizer.GradientNorm()])[0];
            Assert.Equal(nn.utils.clip_grad_norm_(expected, most), norm, norm * 1e-6);
            optimizer.Step(0.01, Optimizer.ClipScale(norm, most));
            oracle.step();
            Assert.Null(optimizer.FirstNotFinite());
        }

        for (int i = 0; i < ours.Length; i++)
            Twins.AssertClose(Twins.Values(expected[i]), Twins.Values(ours[i].Parameter), 1e-6, $"parameter {i}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_number_of_threads_changes_no_bit(bool adam)
    {
        int threads = Workers.Count;
        try
        {
            double[][] runs = [.. new[] { 1, 2, 3 }.Select(count =>
            {
                Workers.Count = count;
                using DisposeScope scope = NewDisposeScope();
                (string, Parameter Parameter)[] parameters = Make();
                using Optimizer optimizer = Of(adam, parameters, fused: true);
                SetGradients(parameters, 1);
                double norm = Floats.Numbers([optimizer.GradientNorm()])[0];
                optimizer.Step(0.01, 0.5);
                return (double[])[norm, .. parameters.SelectMany(pair => Twins.Values(pair.Parameter))];
            })];
            Assert.All(runs, run => Assert.Equal(runs[0], run));
        }
        finally
        {
            Workers.Count = threads;
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_parameter_without_a_gradient_stays_and_one_that_is_not_finite_is_named(bool adam, bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        (string Name, Parameter Parameter)[] parameters = Make();
        using Optimizer optimizer = Of(adam, parameters, fused);
        double[] before = Twins.Values(parameters[0].Parameter);
        using Scalar infinite = float.PositiveInfinity;
        parameters[2].Parameter.grad = full_like(parameters[2].Parameter, infinite);
        optimizer.Step(0.01);

        Assert.Equal("p2", optimizer.FirstNotFinite());
        Assert.Equal(before, Twins.Values(parameters[0].Parameter));
        Assert.Equal([0, 0, 1, 0], optimizer.Steps.Select(pair => pair.Value));
    }

    [Fact]
    public void On_a_device_nothing_is_read_but_what_is_asked_for()
    {
        using DisposeScope scope = NewDisposeScope();
        var parameter = new Parameter(zeros(4, 3, device: META));
        using var optimizer = Optimizer.AdamW([("p", parameter)], 0.9, 0.95, _ => Decay);
        parameter.grad = zeros_like(parameter);
        Assert.Equal(DeviceType.META, optimizer.GradientNorm().device_type);
        optimizer.Step(0.01, 0.5);
        Assert.All(optimizer.Moments, moment => Assert.Equal(DeviceType.META, moment.Values.device_type));
        Assert.ThrowsAny<Exception>(optimizer.FirstNotFinite);
    }

    private static Optimizer Of(bool adam, (string, Parameter)[] parameters, bool fused)
    {
        Optimizer optimizer = adam ? Optimizer.AdamW(parameters, 0.9, 0.95, _ => Decay) : Optimizer.Sgd(parameters, 0.9, _ => Decay);
        Assert.True(optimizer.IsFused);
        optimizer.IsFused = fused;
        return optimizer;
    }

    private static (string, Parameter)[] Make() =>
        [.. s_shapes.Select((shape, i) => ($"p{i}", new Parameter(Twins.Normal((ulong)i, shape, gradient: false))))];

    private static void SetGradients((string, Parameter Parameter)[] parameters, int step)
    {
        for (int i = 0; i < parameters.Length; i++)
            parameters[i].Parameter.grad = Twins.Normal((ulong)(100 + (10 * step) + i), parameters[i].Parameter.shape, gradient: false);
    }
}
