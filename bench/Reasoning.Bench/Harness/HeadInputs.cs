using Reasoning.Models;
using static TorchSharp.torch;

namespace Reasoning.Bench.Harness;

/// <summary>Random hidden states, weights and targets for the output heads.</summary>
internal static class HeadInputs
{
    /// <summary>Normal values with a deviation; owned by the caller.</summary>
    public static Tensor Gaussian(float deviation, int rows, int columns)
    {
        var stream = new KeyedStream((ulong)rows);
        float[] values = new float[(long)rows * columns];
        for (int i = 0; i < values.Length; i++) values[i] = deviation * (float)stream.NextGaussian();
        return tensor(values, new long[] { rows, columns });
    }

    /// <summary>Random ids; owned by the caller.</summary>
    public static Tensor Targets(int rows, int vocabulary)
    {
        var random = new Random(rows);
        return tensor([.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(vocabulary))]);
    }
}
