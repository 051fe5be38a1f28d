using static TorchSharp.torch;

namespace TorchSharp.Tests;

/// <summary>Compares the gradient of a function of float64 tensors with central differences.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-6;

    /// <summary>
    /// Reduces the function's output with fixed random weights, so that every output element counts differently, and checks
    /// the derivative by each element of each input.
    /// </summary>
    internal static void Check(Func<Tensor[], Tensor> function, params Tensor[] inputs) => Check(1e-6, function, inputs);

    internal static void Check(double tolerance, Func<Tensor[], Tensor> function, params Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        Tensor[] leaves = inputs.Select(static input => input.detach().clone().requires_grad_()).ToArray();
        Tensor output = function(leaves);
        Tensor weights = Samples.Doubles(7, output.shape);
        (output * weights).sum().backward();

        for (int n = 0; n < inputs.Length; n++)
        {
            double[] analytic = Samples.Values(leaves[n].grad ?? throw new InvalidOperationException($"Input {n} has no gradient."));
            double[] values = Samples.Values(inputs[n]);
            for (int i = 0; i < values.Length; i++)
            {
                double numeric = (Evaluate(function, inputs, weights, n, i, Step) - Evaluate(function, inputs, weights, n, i, -Step)) / (2 * Step);
                Assert.True(
                    Math.Abs(numeric - analytic[i]) <= tolerance * (1 + Math.Abs(numeric)),
                    $"input {n}, element {i}: finite difference {numeric:R}, gradient {analytic[i]:R}");
            }
        }
    }

    private static double Evaluate(Func<Tensor[], Tensor> function, Tensor[] inputs, Tensor weights, int input, int element, double shift)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var moved = (Tensor[])inputs.Clone();
        double[] values = Samples.Values(inputs[input]);
        values[element] += shift;
        moved[input] = tensor(values, inputs[input].shape);
        return (function(moved) * weights).sum().item<double>();
    }
}
