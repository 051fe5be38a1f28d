using Reasoning.Models.Config;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Cosines and sines of all positions seen so far, computed in float64 and kept in the type and on the device last asked for.
/// Positions end at the model's context length, where the dynamic kind of scaling is still the default one.
/// </summary>
internal sealed class RotaryTable(ModelConfig config) : IDisposable
{
    private const int FirstCapacity = 256;

    private Tensor? _cos;
    private Tensor? _sin;

    /// <summary>The tables for at least <paramref name="count"/> positions, [capacity, headDim/2] each. They belong to this object.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More positions than the model's context has.</exception>
    internal (Tensor Cos, Tensor Sin) Tables(int count, ScalarType dtype, Device device)
    {
        if (count > config.MaxPositions)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"A sequence of {count} tokens does not fit the model's context of {config.MaxPositions}.");
        }

        bool fits = _cos is not null && _cos.shape[0] >= count && _cos.dtype == dtype && _cos.device.Equals(device);
        if (!fits)
            Build(count, dtype, device);
        return (_cos!, _sin!);
    }

    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private void Build(int count, ScalarType dtype, Device device)
    {
        int capacity = FirstCapacity;
        while (capacity < count)
            capacity *= 2;
        capacity = Math.Min(capacity, config.MaxPositions);

        double[] frequencies = RotaryFrequencies.Compute(config, capacity);
        RefuseWhatDoesNotFit(capacity, frequencies.Length);
        double factor = RotaryFrequencies.AttentionFactor(config.Scaling);
        var cos = new double[capacity * frequencies.Length];
        var sin = new double[cos.Length];
        for (int i = 0; i < cos.Length; i++)
        {
            (double s, double c) = Math.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
            (cos[i], sin[i]) = (c * factor, s * factor);
        }

        Dispose();
        using DisposeScope scope = NewDisposeScope();
        _cos = tensor(cos, device: CPU).view(capacity, frequencies.Length).to(dtype, device).DetachFromDisposeScope();
        _sin = tensor(sin, device: CPU).view(capacity, frequencies.Length).to(dtype, device).DetachFromDisposeScope();
    }

    private static void RefuseWhatDoesNotFit(int positions, int pairs)
    {
        double values = (double)positions * pairs, needed = values * 2 * (sizeof(double) + sizeof(float));
        double there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (values <= Array.MaxLength && needed <= there) return;
        throw new UserErrorException(FormattableString.Invariant(
            $"the rotations of {positions} positions take {needed / (1 << 30):0.0} GiB; this process has {there / (1 << 30):0.0} GiB of memory: lower max-new-tokens"));
    }
}
