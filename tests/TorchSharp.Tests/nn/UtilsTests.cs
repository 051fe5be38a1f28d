using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class UtilsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(double.PositiveInfinity)]
    public void The_norm_is_that_of_all_gradients_together(double p)
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = WithGradients(out double[] all);
        double expected = double.IsInfinity(p)
            ? all.Max(Math.Abs)
            : Math.Pow(all.Sum(value => Math.Pow(Math.Abs(value), p)), 1 / p);
        double norm = nn.utils.clip_grad_norm_(parameters, 1e9, p);
        Assert.Equal(expected, norm, Backend.IsEmbedded ? 1e-9 : 1e-5 * expected);
        Samples.Near(all, Together(parameters)); // a limit above the norm changes nothing
    }

    [Fact]
    public void Gradients_above_the_limit_are_scaled_down_to_it()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = WithGradients(out double[] all);
        double norm = nn.utils.clip_grad_norm_(parameters, 0.5);
        Samples.Near([.. all.Select(value => value * 0.5 / (norm + 1e-6))], Together(parameters), 1e-6);
        Assert.Equal(0.5, nn.utils.clip_grad_norm_(parameters, 100), 5);
    }

    [Fact]
    public void The_norm_of_large_float32_gradients_is_exact()
    {
        using Parameter parameter = Samples.FloatParameter(1, 300_001);
        parameter.grad = Samples.Floats(2, 300_001);
        using Tensor? grad = parameter.grad;
        double expected = Math.Sqrt(Samples.Values(grad!).Sum(static value => value * value));
        double norm = nn.utils.clip_grad_norm_([parameter], 1e9);
        Assert.Equal(expected, norm, Backend.IsEmbedded ? 1e-9 : 1e-5 * expected);
    }

    [Fact]
    public void Without_gradients_the_norm_is_zero()
    {
        using Parameter parameter = Samples.FloatParameter(1, 3);
        Assert.Equal(0, nn.utils.clip_grad_norm_([parameter], 1));
    }

    [Fact]
    public void A_norm_that_is_not_a_number_is_returned()
    {
        using Parameter parameter = Samples.FloatParameter(1, 3);
        parameter.grad = tensor(new[] { 1, float.NaN, 2 });
        Assert.True(double.IsNaN(nn.utils.clip_grad_norm_([parameter], 1)));
        Assert.True(double.IsNaN(nn.utils.clip_grad_norm_([parameter], 1, double.PositiveInfinity)));
    }

    [Fact]
    public void Values_are_clipped_one_by_one()
    {
        using Parameter parameter = Samples.DoubleParameter(1, 3);
        parameter.grad = tensor(new[] { -2.0, 0.5, 3 });
        nn.utils.clip_grad_value_([parameter], 1);
        using Tensor? grad = parameter.grad;
        Samples.Near([-1, 0.5, 1], grad!);
    }

    [Fact]
    public void Parameters_become_a_vector_and_come_back()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [Samples.DoubleParameter(1, 2, 3), Samples.DoubleParameter(2, 4)];
        Tensor vector = nn.utils.parameters_to_vector(parameters);
        Assert.Equal([10], vector.shape);
        nn.utils.vector_to_parameters(vector * 2, parameters);
        Samples.Near([.. Samples.Normal(6, 1).Select(static value => value * 2)], parameters[0]);
        Samples.Near([.. Samples.Normal(4, 2).Select(static value => value * 2)], parameters[1]);
        Assert.Throws<ExternalException>(() => nn.utils.vector_to_parameters(zeros(9), parameters));
    }

    [Fact]
    public void Fills_are_not_recorded()
    {
        using Parameter parameter = Samples.DoubleParameter(1, 2, 3);
        Samples.Near([1, 1, 1, 1, 1, 1], nn.init.ones_(parameter));
        Samples.Near([1, 0, 0, 0, 1, 0], nn.init.eye_(parameter));
        Samples.Near([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], nn.init.constant_(parameter, 0.5));
        Samples.Near(new double[6], nn.init.zeros_(parameter));
        Assert.True(parameter.is_leaf && parameter.requires_grad);
    }

    private static Parameter[] WithGradients(out double[] all)
    {
        Parameter[] parameters = [Samples.DoubleParameter(1, 3, 2), Samples.DoubleParameter(2, 4), Samples.DoubleParameter(3, 1)];
        parameters[0].grad = Samples.Doubles(4, 3, 2);
        parameters[1].grad = Samples.Doubles(5, 4);
        all = [.. Samples.Normal(6, 4), .. Samples.Normal(4, 5)];
        return parameters;
    }

    private static Tensor Together(Parameter[] parameters)
        => cat(parameters.Select(static parameter => parameter.grad).OfType<Tensor>().Select(static grad => grad.reshape(-1)).ToList());
}
