using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>Cosines and sines of some positions, [positions, headDim/2] each: for layers that see everything, and for sliding ones.</summary>
internal readonly record struct RotaryAngles(Tensor Cos, Tensor Sin, Tensor SlidingCos, Tensor SlidingSin)
{
    /// <summary>The rows of some positions, [positions] int64 on the same device; owned by the caller's scope.</summary>
    internal RotaryAngles At(Tensor positions)
    {
        (Tensor cos, Tensor sin) = (Cos.index_select(0, positions), Sin.index_select(0, positions));
        return ReferenceEquals(Cos, SlidingCos)
            ? new RotaryAngles(cos, sin, cos, sin)
            : new RotaryAngles(cos, sin, SlidingCos.index_select(0, positions), SlidingSin.index_select(0, positions));
    }

    internal (Tensor Cos, Tensor Sin) Of(bool sliding) => sliding ? (SlidingCos, SlidingSin) : (Cos, Sin);
}
