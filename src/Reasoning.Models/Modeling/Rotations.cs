using Reasoning.Models.Config;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>The rotary tables of a model: one, or a second one for sliding layers with a base of their own (Gemma 3).</summary>
internal sealed class Rotations : IDisposable
{
    private readonly RotaryTable _all;
    private readonly RotaryTable? _sliding;

    internal Rotations(ModelConfig config)
    {
        _all = new RotaryTable(config);
        if (config.LocalRopeTheta is { } theta)
            _sliding = new RotaryTable(config with { RopeTheta = theta, Scaling = null });
    }

    /// <summary>The tables for at least <paramref name="count"/> positions, [capacity, headDim/2]. They belong to this object.</summary>
    internal RotaryAngles Tables(int count, ScalarType dtype, Device device)
    {
        (Tensor cos, Tensor sin) = _all.Tables(count, dtype, device);
        (Tensor slidingCos, Tensor slidingSin) = _sliding?.Tables(count, dtype, device) ?? (cos, sin);
        return new RotaryAngles(cos, sin, slidingCos, slidingSin);
    }

    public void Dispose()
    {
        _all.Dispose();
        _sliding?.Dispose();
    }
}
