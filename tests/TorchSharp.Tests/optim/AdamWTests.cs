using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class AdamWTests
{
    public static TheoryData<double, bool, bool, bool> Rules => new()
    {
        { 0, false, false, true },
        { 0.1, false, false, true },
        { 0.1, true, false, true },
        { 0.1, false, true, true },
        { 0, false, false, false },
        { 0.1, true, true, false },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Steps_follow_the_formula(double decay, bool amsgrad, bool maximize, bool decoupled)
    {
        const double lr = 0.05, beta1 = 0.8, beta2 = 0.95, eps = 1e-6;
        using Parameter parameter = Samples.DoubleParameter(1, 3, 7);
        using OptimizerHelper optimizer = decoupled
            ? optim.AdamW([parameter], lr, beta1, beta2, eps, decay, amsgrad, maximize)
            : optim.Adam([parameter], lr, beta1, beta2, eps, decay, amsgrad, maximize);

        double[] p = Samples.Values(parameter);
        var m = new double[p.Length];
        var v = new double[p.Length];
        var largest = new double[p.Length];
        for (int step = 1; step <= 6; step++)
        {
            double[] grads = Samples.Normal(p.Length, 100 + step);
            parameter.grad = tensor(grads, parameter.shape);
            optimizer.step();

            for (int i = 0; i < p.Length; i++)
            {
                double g = maximize ? -grads[i] : grads[i];
                if (decoupled)
                    p[i] -= lr * decay * p[i];
                else
                    g += decay * p[i];
                m[i] = beta1 * m[i] + (1 - beta1) * g;
                v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                largest[i] = Math.Max(largest[i], v[i]);
                double denominator = Math.Sqrt(amsgrad ? largest[i] : v[i]) / Math.Sqrt(1 - Math.Pow(beta2, step)) + eps;
                p[i] -= lr / (1 - Math.Pow(beta1, step)) * m[i] / denominator;
            }

            Samples.Near(p, parameter);
        }
    }

    [Fact]
    public void Float32_steps_round_after_each_operation()
    {
        const double lr = 1e-2, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0.01;
        const int count = 70_001; // several chunks and a tail
        using Parameter parameter = Samples.FloatParameter(2, count);
        using AdamW optimizer = optim.AdamW([parameter], lr, beta1, beta2, eps, decay);

        float[] p = Samples.FloatValues(parameter);
        var m = new float[count];
        var v = new float[count];
        for (int step = 1; step <= 3; step++)
        {
            using Tensor grad = Samples.Floats(20 + step, count);
            float[] g = Samples.FloatValues(grad);
            parameter.grad = grad;
            optimizer.step();

            float root = (float)Math.Sqrt(1 - Math.Pow(beta2, step));
            float scale = (float)(-lr / (1 - Math.Pow(beta1, step)));
            for (int i = 0; i < count; i++)
            {
                float shrunk = p[i] * (float)(1 - lr * decay);
                m[i] = m[i] * (float)beta1 + g[i] * (float)(1 - beta1);
                v[i] = v[i] * (float)beta2 + g[i] * (float)(1 - beta2) * g[i];
                p[i] = shrunk + m[i] * scale / (MathF.Sqrt(v[i]) / root + (float)eps);
            }
        }

        Backend.Rounded(p, Samples.FloatValues(parameter));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fused_and_composite_updates_agree(bool amsgrad)
    {
        using Parameter contiguous = Samples.FloatParameter(3, 40, 30);
        using Tensor transposed = Samples.Floats(3, 40, 30).t().contiguous().t(); // same values, strides reversed
        using var strided = new Parameter(transposed.alias());
        Assert.False(strided.is_contiguous());
        using AdamW fused = optim.AdamW([contiguous], 0.01, weight_decay: 0.1, amsgrad: amsgrad);
        using AdamW composite = optim.AdamW([strided], 0.01, weight_decay: 0.1, amsgrad: amsgrad);
        for (int step = 0; step < 4; step++)
        {
            contiguous.grad = Samples.Floats(30 + step, 40, 30);
            strided.grad = Samples.Floats(30 + step, 40, 30);
            fused.step();
            composite.step();
        }

        Samples.Near(Samples.Values(contiguous), strided, 1e-6);
    }

    [Fact]
    public void Groups_have_their_own_options_and_take_defaults_for_the_rest()
    {
        using Parameter decayed = Samples.DoubleParameter(4, 5);
        using Parameter plain = Samples.DoubleParameter(4, 5);
        using AdamW optimizer = optim.AdamW(
            [
                new AdamW.ParamGroup { Parameters = [decayed], Options = new AdamW.Options { weight_decay = 0.5 } },
                new AdamW.ParamGroup([plain], lr: 0.2, weight_decay: 0),
            ],
            lr: 0.1);
        Assert.Equal([0.1, 0.2], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([0.1, 0.2], optimizer.ParamGroups.Select(group => group.InitialLearningRate));

        double[] before = Samples.Values(decayed);
        decayed.grad = zeros_like(decayed);
        plain.grad = zeros_like(plain);
        optimizer.step();
        Samples.Near(before.Select(value => value * (1 - 0.1 * 0.5)).ToArray(), decayed);
        Samples.Near(before, plain);
    }

    [Fact]
    public void A_schedule_sets_the_learning_rate_of_the_next_step()
    {
        using Parameter parameter = Samples.DoubleParameter(5, 4);
        using AdamW optimizer = optim.AdamW([parameter], lr: 0.1);
        optimizer.ParamGroups.First().LearningRate = 0;
        double[] before = Samples.Values(parameter);
        parameter.grad = ones_like(parameter);
        optimizer.step();
        Samples.Near(before, parameter);
    }

    [Fact]
    public void Parameters_without_gradient_keep_value_and_step_count()
    {
        using Parameter used = Samples.DoubleParameter(6, 3);
        using Parameter unused = Samples.DoubleParameter(7, 3);
        using AdamW optimizer = optim.AdamW([used, unused], lr: 0.1, weight_decay: 0.1);
        double[] before = Samples.Values(unused);
        used.grad = ones_like(used);
        optimizer.step();
        Samples.Near(before, unused);
        Assert.Equal([1L, 0L], optimizer.state_dict().State.Select(state => ((AdamW.State)state).step));
    }

    [Fact]
    public void The_closure_runs_with_recording_on_and_its_loss_is_returned()
    {
        using Parameter parameter = Samples.DoubleParameter(8, 3);
        using AdamW optimizer = optim.AdamW([parameter], lr: 0.1);
        using var noGrad = no_grad();
        using Tensor? loss = optimizer.step(() =>
        {
            Tensor result = parameter.square().sum();
            result.backward();
            return result;
        });
        Assert.True(loss!.item<double>() > 0);
        Assert.Equal(1, ((AdamW.State)optimizer.state_dict().State[0]).step);
    }

    [Fact]
    public void A_converted_model_needs_a_new_optimizer()
    {
        using Parameter old = Samples.DoubleParameter(9, 2, 2);
        using Linear module = nn.Linear(old);
        using AdamW optimizer = optim.AdamW(module.parameters(), lr: 0.1);
        module.to(ScalarType.Float32);
        module.weight.grad = ones_like(module.weight);
        Assert.Throws<KeyNotFoundException>(() => optimizer.step());
    }

    [Theory]
    [InlineData(-1, 0.9, 0.999, 1e-8, 0)]
    [InlineData(0.1, 1.0, 0.999, 1e-8, 0)]
    [InlineData(0.1, 0.9, -0.1, 1e-8, 0)]
    [InlineData(0.1, 0.9, 0.999, -1, 0)]
    [InlineData(0.1, 0.9, 0.999, 1e-8, -1)]
    public void Values_out_of_range_are_refused(double lr, double beta1, double beta2, double eps, double decay)
    {
        using Parameter parameter = Samples.DoubleParameter(1, 2);
        Assert.Throws<ArgumentException>(() => optim.AdamW([parameter], lr, beta1, beta2, eps, decay));
    }

    [Fact]
    public void Steps_do_not_allocate_with_the_size_of_the_parameters()
    {
        using Parameter parameter = Samples.FloatParameter(10, 300_000);
        using AdamW optimizer = optim.AdamW(new[] { parameter }, lr: 1e-3);
        parameter.grad = Samples.Floats(11, 300_000);
        optimizer.step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            optimizer.step();
        long perStep = (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
        Assert.True(perStep < 2_000, $"{perStep} bytes a step");
    }
}
