using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class SgdTests
{
    [Theory]
    [InlineData(0, 0, 0, false, false)]
    [InlineData(0.9, 0, 0, false, false)]
    [InlineData(0.9, 0.3, 0.1, false, false)]
    [InlineData(0.9, 0, 0.1, true, false)]
    [InlineData(0.9, 0, 0.1, true, true)]
    [InlineData(0, 0, 0.2, false, true)]
    public void Steps_follow_the_formula(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        const double lr = 0.1;
        using Parameter parameter = Samples.DoubleParameter(1, 3, 5);
        using SGD optimizer = optim.SGD([parameter], lr, momentum, dampening, decay, nesterov, maximize);
        double[] p = Samples.Values(parameter);
        double[]? b = null;
        for (int step = 1; step <= 5; step++)
        {
            double[] grads = Samples.Normal(p.Length, 50 + step);
            parameter.grad = tensor(grads, parameter.shape);
            optimizer.step();

            double[] g = grads.Select((grad, i) => grad + decay * p[i]).ToArray();
            b = b is null ? g : b.Select((value, i) => momentum * value + (1 - dampening) * g[i]).ToArray();
            for (int i = 0; i < p.Length; i++)
            {
                double direction = momentum == 0 ? g[i] : nesterov ? g[i] + momentum * b[i] : b[i];
                p[i] += (maximize ? lr : -lr) * direction;
            }

            Samples.Near(p, parameter);
        }
    }

    [Fact]
    public void Float32_steps_over_many_chunks_follow_the_formula()
    {
        const int count = 70_001;
        using Parameter parameter = Samples.FloatParameter(2, count);
        using SGD optimizer = optim.SGD([parameter], 0.1, momentum: 0.9, weight_decay: 0.01);
        float[] p = Samples.FloatValues(parameter);
        var b = new float[count];
        for (int step = 0; step < 3; step++)
        {
            using Tensor grad = Samples.Floats(60 + step, count);
            float[] g = Samples.FloatValues(grad);
            parameter.grad = grad;
            optimizer.step();
            for (int i = 0; i < count; i++)
            {
                float total = g[i] + p[i] * 0.01f;
                b[i] = step == 0 ? total : b[i] * 0.9f + total * 1f;
                p[i] += b[i] * -0.1f;
            }
        }

        Backend.Rounded(p, Samples.FloatValues(parameter));
    }

    [Fact]
    public void Fused_and_composite_updates_agree()
    {
        using Parameter contiguous = Samples.FloatParameter(3, 40, 30);
        using Tensor transposed = Samples.Floats(3, 40, 30).t().contiguous().t();
        using var strided = new Parameter(transposed.alias());
        using SGD fused = optim.SGD([contiguous], 0.1, momentum: 0.9, weight_decay: 0.1, nesterov: true);
        using SGD composite = optim.SGD([strided], 0.1, momentum: 0.9, weight_decay: 0.1, nesterov: true);
        for (int step = 0; step < 3; step++)
        {
            contiguous.grad = Samples.Floats(70 + step, 40, 30);
            strided.grad = Samples.Floats(70 + step, 40, 30);
            fused.step();
            composite.step();
        }

        Samples.Near(Samples.Values(contiguous), strided, 1e-6);
    }

    [Fact]
    public void Nesterov_needs_momentum_without_dampening()
    {
        using Parameter parameter = Samples.DoubleParameter(4, 2);
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 0.1, momentum: 0.9, dampening: 0.1, nesterov: true));
    }

    [Fact]
    public void Zero_grad_keeps_the_gradient_and_fills_it_with_zeros()
    {
        using Parameter parameter = Samples.DoubleParameter(5, 4);
        using SGD optimizer = optim.SGD([parameter], 0.1);
        parameter.grad = ones_like(parameter);
        optimizer.zero_grad();
        using Tensor? grad = parameter.grad;
        Samples.Near(new double[4], grad!);
    }

    [Fact]
    public void The_factory_takes_named_parameters_and_groups()
    {
        using Parameter first = Samples.DoubleParameter(6, 2);
        using Parameter second = Samples.DoubleParameter(7, 2);
        using SGD named = optim.SGD([("first", first), ("second", second)], 0.1);
        Assert.Equal(2, named.parameters().Count());
        using SGD grouped = optim.SGD([new SGD.ParamGroup([first], lr: 0.5), new SGD.ParamGroup { Parameters = [second] }], 0.1);
        Assert.Equal([0.5, 0.1], grouped.ParamGroups.Select(group => group.LearningRate));
    }
}
