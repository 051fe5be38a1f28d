using static TorchSharp.torch;

namespace TorchSharp.Tests.Autograd;

/// <summary>Compares gradients with central differences in float64.</summary>
internal static class FiniteDifferences
{
    /// <summary>Distinct, irregular values in [low, high]; the same on every run.</summary>
    internal static Tensor Values(double low, double high, int salt, params long[] shape)
    {
        long n = shape.Aggregate(1L, (a, b) => a * b);
        var values = new double[n];
        for (int i = 0; i < n; i++)
        {
            double x = Math.Sin(12.9898 * (i + 1) + 78.233 * (salt + 1)) * 43758.5453;
            values[i] = low + (high - low) * (x - Math.Floor(x));
        }

        return tensor(values, shape);
    }

    /// <summary>Checks d(Σ w·f)/d(inputs) for fixed irregular weights w.</summary>
    internal static void Check(Func<Tensor[], Tensor> f, Tensor[] inputs, double tolerance = 1e-6)
    {
        foreach (Tensor input in inputs)
            input.requires_grad = true;
        Tensor output = f(inputs);
        Tensor weights = Values(-1, 1, 99, output.shape);
        (output * weights).sum().backward();
        for (int k = 0; k < inputs.Length; k++)
        {
            Tensor? grad = inputs[k].grad;
            Assert.NotNull(grad);
            Assert.Equal(inputs[k].shape, grad.shape);
            double[] analytic = grad.data<double>().ToArray();
            double[] point = inputs[k].data<double>().ToArray();
            for (int i = 0; i < point.Length; i++)
            {
                const double Step = 1e-5;
                double above = Evaluate(k, i, point[i] + Step), below = Evaluate(k, i, point[i] - Step);
                double numeric = (above - below) / (2 * Step);
                Assert.True(
                    Math.Abs(numeric - analytic[i]) <= tolerance * (1 + Math.Abs(numeric)),
                    $"input {k}, element {i}: gradient {analytic[i]:R}, central difference {numeric:R}");
            }
        }

        double Evaluate(int k, int i, double value)
        {
            using IDisposable mode = no_grad();
            using Tensor moved = inputs[k].detach().clone();
            using Tensor flat = moved.view(-1);
            flat.data<double>()[i] = value;
            Tensor[] all = [.. inputs];
            all[k] = moved;
            using Tensor result = f(all);
            using Tensor sum = (result * weights).sum();
            return sum.item<double>();
        }
    }
}
