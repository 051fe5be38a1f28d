using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

/// <summary>Reproducible numbers for tests.</summary>
internal static class Samples
{
    /// <summary>Normally distributed values.</summary>
    internal static double[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return values;
    }

    internal static Tensor Doubles(int seed, params long[] shape) => tensor(Normal((int)Count(shape), seed), shape);

    internal static Tensor Floats(int seed, params long[] shape) => Doubles(seed, shape).to(ScalarType.Float32);

    internal static Parameter FloatParameter(int seed, params long[] shape) => new(Floats(seed, shape));

    internal static Parameter DoubleParameter(int seed, params long[] shape) => new(Doubles(seed, shape));

    internal static double[] Values(Tensor tensor)
    {
        using Tensor exact = tensor.detach().to(ScalarType.Float64).contiguous();
        return exact.data<double>().ToArray();
    }

    internal static float[] FloatValues(Tensor tensor)
    {
        using Tensor contiguous = tensor.detach().contiguous();
        return contiguous.data<float>().ToArray();
    }

    internal static void Near(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        double[] values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - values[i]);
            Assert.True(error <= tolerance * (1 + Math.Abs(expected[i])), $"element {i}: expected {expected[i]:R}, got {values[i]:R}");
        }
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, static (product, size) => product * size);
}
