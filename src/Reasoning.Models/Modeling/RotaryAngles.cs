using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>Cosines and sines of some positions, [positions, headDim/2] each: for layers that see everything, and for sliding ones.</summary>
internal readonly record struct RotaryAngles(Tensor Cos, Tensor Sin, Tensor SlidingCos, Tensor SlidingSin)
{
    internal (Tensor Cos, Tensor Sin) Of(bool sliding) => sliding ? (SlidingCos, SlidingSin) : (Cos, Sin);
}
