using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Optimizers;

/// <summary>Moments in bfloat16.</summary>
[Collection("Thread count")]
public sealed class NarrowMomentsTests
{
    private const double Beta2 = 0.999;

    /// <summary>A tail behind whole vectors, more than one block of one work item, more than one item.</summary>
    private static readonly long[] s_shape = [257, 129];

    [Fact]
    public void A_rounded_number_is_a_neighbour_and_right_on_average()
    {
        const int Count = 1 << 16;
        using DisposeScope scope = NewDisposeScope();
        foreach (float value in (float[])[1 + (1f / 512), -3.3e-5f, 7.7e20f, 1, 0])
        {
            double[] rounded = Twins.Values(Rounded(tensor(value).repeat(Count), key: 5, upper: true));
            double step = Math.ScaleB(1, (int)Math.Floor(Math.Log2(Math.Max(Math.Abs(value), 1e-30))) - 7), below = Math.Floor(value / step) * step;
            Assert.All(rounded.Distinct(), number => Assert.Contains(number, (double[])[below, below + step]));
            Assert.Equal(value / step, rounded.Average() / step, 5.0 / Math.Sqrt(Count));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Twins_agree_to_the_bit(bool upper)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = Twins.Normal(1, s_shape, gradient: false) * Twins.Normal(2, s_shape, gradient: false).Times(20).exp(), composite = empty_like(values, ScalarType.BFloat16);
        StochasticRounding.Narrow(values, composite, 77, upper);
        Assert.Equal(Twins.Values(composite), Twins.Values(Rounded(values, 77, upper)));
    }

    [Fact]
    public void Draws_differ_by_place_half_and_key()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = tensor(1 + (1f / 256)).repeat(4096);
        double[][] rounded = [Twins.Values(Rounded(values, 1, false)), Twins.Values(Rounded(values, 1, true)), Twins.Values(Rounded(values, 2, false))];
        for (int a = 0; a < 3; a++)
        {
            for (int b = 0; b < a; b++)
                Assert.InRange(rounded[a].Zip(rounded[b]).Count(pair => pair.First == pair.Second), 4096 * 0.4, 4096 * 0.6);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_pass_over_memory_and_tensor_operations_agree_whatever_the_number_of_threads(bool adam)
    {
        int threads = Workers.Count;
        try
        {
            double[] composite = Run(adam, fused: false), one = With(1), three = With(3);
            Assert.Equal(one, three);
            // Where float32 rounds differently, a moment now and then goes to its other neighbour.
            Twins.AssertClose(composite, one, 1e-3, "parameters");
            Assert.NotEqual(one, Run(adam, fused: true, seed: 8));
        }
        finally
        {
            Workers.Count = threads;
        }

        double[] With(int count)
        {
            Workers.Count = count;
            return Run(adam, fused: true);
        }
    }

    [Fact]
    public void A_second_moment_moves_by_less_than_half_of_its_last_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        var parameter = new Parameter(zeros(4096));
        using var optimizer = Optimizer.AdamW([("p", parameter)], 0.9, Beta2, _ => 0, rounding: 7);
        using Scalar one = 1, two = 2;
        Tensor second = optimizer.Moments.Single(moment => moment.Name.EndsWith("sq", StringComparison.Ordinal)).Values.fill_(one);
        Assert.Equal(1, (tensor((1 * Beta2) + (4 * (1 - Beta2)), ScalarType.Float32).to(ScalarType.BFloat16).item<BFloat16>()).ToSingle());
        for (int step = 0; step < 100; step++)
        {
            parameter.grad = full_like(parameter, two);
            optimizer.Step(1e-3);
        }

        Assert.Equal(ScalarType.BFloat16, second.dtype);
        Assert.Equal(4 - (3 * Math.Pow(Beta2, 100)), Twins.Values(second).Average(), 0.01);
    }

    /// <summary>Least squares with noisy gradients: how far from the float32 path it ends, by the length of that path.</summary>
    [Theory]
    [InlineData(true, 0.01)]
    [InlineData(false, 0.01)]
    public void On_a_toy_problem_it_ends_where_float32_ends(bool adam, double most)
    {
        double[] wide = Solve(null), narrow = Solve(7), start = Solve(null, steps: 0);
        double distance = Distance(wide, narrow) / Distance(wide, start);
        TestContext.Current.TestOutputHelper?.WriteLine($"distance {distance:E2} of the way");
        Assert.InRange(distance, 1e-7, most);

        double[] Solve(ulong? rounding, int steps = 300)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor target = Twins.Normal(1, [2000], gradient: false), curvature = Twins.Normal(2, [2000], gradient: false).exp();
            var parameter = new Parameter(zeros(2000));
            using Optimizer optimizer = adam
                ? Optimizer.AdamW([("p", parameter)], 0.9, Beta2, _ => 0, rounding) : Optimizer.Sgd([("p", parameter)], 0.9, _ => 0, rounding);
            for (int step = 0; step < steps; step++)
            {
                using DisposeScope inner = NewDisposeScope();
                Tensor noise = Twins.Normal(100 + (ulong)step, [2000], gradient: false);
                parameter.grad = (curvature * (parameter.detach() - target)).Plus(noise.Times(0.5));
                optimizer.Step(adam ? 0.01 : 0.002);
            }

            return Twins.Values(parameter);
        }
    }

    private static double[] Run(bool adam, bool fused, ulong seed = 7)
    {
        using DisposeScope scope = NewDisposeScope();
        var parameter = new Parameter(Twins.Normal(3, s_shape, gradient: false));
        using Optimizer optimizer = adam
            ? Optimizer.AdamW([("p", parameter)], 0.9, Beta2, _ => 0.1, seed) : Optimizer.Sgd([("p", parameter)], 0.9, _ => 0.1, seed);
        Assert.True(optimizer.IsFused);
        optimizer.IsFused = fused;
        for (int step = 0; step < 10; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            parameter.grad = Twins.Normal((ulong)step + 50, s_shape, gradient: false);
            optimizer.Step(0.01, 0.5);
        }

        return Twins.Values(parameter);
    }

    private static unsafe Tensor Rounded(Tensor values, uint key, bool upper)
    {
        Tensor result = empty_like(values, ScalarType.BFloat16);
        // In two calls, so that the second begins in the middle.
        int count = (int)values.numel(), half = count / 2;
        float* from = TensorMemory.Floats(values);
        var to = (ushort*)TensorMemory.Address(result);
        StochasticRounding.Narrow(from, to, half, 0, key, upper);
        StochasticRounding.Narrow(from + half, to + half, count - half, (uint)half, key, upper);
        return result;
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
