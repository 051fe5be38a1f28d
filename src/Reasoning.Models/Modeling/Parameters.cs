using System.Runtime.InteropServices;
using Reasoning.Models.Random;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>Makes parameters that belong to a module, outside any dispose scope, frozen until someone selects them for training.</summary>
internal static class Parameters
{
    /// <summary>Undefined values, float32 on the CPU.</summary>
    internal static Parameter Empty(params long[] shape) => Own(empty(shape, ScalarType.Float32));

    /// <summary>Zeros of the type and device of <paramref name="like"/>.</summary>
    internal static Parameter Zeros(int rows, int columns, Tensor like) => Own(zeros(rows, columns, like.dtype, like.device));

    /// <summary>Uniform in ±<paramref name="bound"/>, keyed by seed and name, of the type and device of <paramref name="like"/>.</summary>
    internal static Parameter Uniform(int rows, int columns, double bound, ulong seed, string name, Tensor like)
    {
        var stream = new KeyedStream(seed, KeyedRandom.Key(name));
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(((2 * stream.NextDouble()) - 1) * bound);
        using DisposeScope scope = NewDisposeScope();
        return Own(tensor(values).view(rows, columns).to(like.dtype, like.device));
    }

    /// <summary>Fills a float32 CPU parameter with normal numbers, keyed by seed and name.</summary>
    internal static void FillGaussian(Parameter parameter, double deviation, ulong seed, string name)
    {
        var stream = new KeyedStream(seed, KeyedRandom.Key(name));
        ForParts(parameter, (_, part) =>
        {
            foreach (ref float value in Values(part))
                value = (float)(stream.NextGaussian() * deviation);
        });
    }

    /// <summary>
    /// Visits all elements of a contiguous float32 CPU tensor in consecutive parts, each with the index of its first element: one span
    /// cannot hold more than 2 GiB.
    /// </summary>
    internal static void ForParts(Tensor tensor, Action<long, Tensor> body)
    {
        const long PartElements = 1 << 26;
        using IDisposable guard = no_grad();
        long rows = tensor.shape[0], width = tensor.NumberOfElements / rows, step = Math.Max(1, PartElements / width);
        for (long first = 0; first < rows; first += step)
        {
            using Tensor part = tensor.narrow(0, first, Math.Min(step, rows - first));
            body(first * width, part);
        }
    }

    /// <summary>The elements of a contiguous float32 CPU tensor, which the caller keeps alive.</summary>
    internal static Span<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>Its gradient; zeros that become it where it has none.</summary>
    internal static Tensor Gradient(Tensor parameter)
    {
        if (parameter.grad is null) parameter.grad = zeros_like(parameter);
        return parameter.grad!;
    }

    /// <summary>A frozen parameter of these values, which it takes over.</summary>
    internal static Parameter Own(Tensor data)
    {
        var parameter = new Parameter(data, requires_grad: false);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
