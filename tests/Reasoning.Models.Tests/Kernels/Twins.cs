using Reasoning.Models.Random;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Kernels;

/// <summary>Runs functions forward and backward and compares what comes out.</summary>
internal static class Twins
{
    /// <summary>Standard normal numbers, keyed; float32 unless told otherwise.</summary>
    internal static Tensor Normal(ulong seed, long[] shape, ScalarType dtype = ScalarType.Float32, bool gradient = true)
    {
        var stream = new KeyedStream(seed, 77);
        var values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = stream.NextGaussian();
        return tensor(values).view(shape).to(dtype).requires_grad_(gradient);
    }

    internal static double[] Values(Tensor t)
    {
        using DisposeScope scope = NewDisposeScope();
        return t.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>
    /// Outputs, then the gradient of every input, of the sum of all outputs times fixed random weights. Inputs are copied, so calls
    /// do not meet each other's gradients.
    /// </summary>
    internal static double[][] Run(Func<Tensor[], Tensor[]> function, params Tensor[] inputs)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] leaves = [.. inputs.Select(input => input.detach().clone().requires_grad_(input.requires_grad))];
        Tensor[] outputs = function(leaves);
        Tensor loss = zeros(1, outputs[0].dtype);
        for (int i = 0; i < outputs.Length; i++)
            loss = loss.Plus((outputs[i] * Normal(1000 + (ulong)i, outputs[i].shape, outputs[i].dtype, gradient: false)).sum());
        loss.sum().backward();
        return
        [
            .. outputs.Select(Values),
            .. leaves.Where(leaf => leaf.requires_grad).Select(leaf => Values(leaf.grad!)),
        ];
    }

    /// <summary>Both functions give the same outputs and gradients, relative to the largest element of each.</summary>
    internal static void AssertSame(Func<Tensor[], Tensor[]> fused, Func<Tensor[], Tensor[]> composite, double tolerance, params Tensor[] inputs)
    {
        double[][] left = Run(fused, inputs), right = Run(composite, inputs);
        Assert.Equal(right.Length, left.Length);
        for (int i = 0; i < left.Length; i++)
            AssertClose(right[i], left[i], tolerance, $"result {i} of {left.Length} (outputs first, then gradients)");
    }

    internal static void AssertClose(double[] expected, double[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Length == 0 ? 1 : Math.Max(expected.Max(Math.Abs), 1e-3);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"{what}, element {i}: expected {expected[i]:G9}, got {actual[i]:G9} (scale {scale:G3})");
        }
    }

    /// <summary>Gradients of a float64 function against central differences of its own values.</summary>
    internal static void AssertGradients(Func<Tensor[], Tensor[]> function, params Tensor[] inputs)
    {
        const double Step = 1e-5;
        double[][] results = Run(function, inputs);
        int outputs = results.Length - inputs.Count(input => input.requires_grad);
        double Loss()
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable guard = no_grad();
            Tensor[] values = function(inputs);
            double loss = 0;
            for (int i = 0; i < values.Length; i++)
                loss += (values[i] * Normal(1000 + (ulong)i, values[i].shape, values[i].dtype, gradient: false)).sum().item<double>();
            return loss;
        }

        int gradient = outputs;
        foreach (Tensor input in inputs.Where(input => input.requires_grad))
        {
            double[] numeric = new double[input.NumberOfElements];
            for (int i = 0; i < numeric.Length; i++)
            {
                double up = At(input, i, Step, Loss), down = At(input, i, -Step, Loss);
                numeric[i] = (up - down) / (2 * Step);
            }

            AssertClose(numeric, results[gradient++], 1e-7, $"gradient of input {Array.IndexOf(inputs, input)}");
        }
    }

    private static double At(Tensor input, int index, double change, Func<double> loss)
    {
        Span<double> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(input.bytes);
        double kept = values[index];
        values[index] = kept + change;
        double result = loss();
        values[index] = kept;
        return result;
    }
}
