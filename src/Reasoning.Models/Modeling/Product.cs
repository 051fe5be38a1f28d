using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>x Wᵀ with both sides rounded to the type of computing; sums are float32 inside, gradients take the same way back.</summary>
internal static class Product
{
    /// <param name="x">[rows, inputs], of the model's type or rounded already.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="compute">What both are rounded to.</param>
    /// <returns>[rows, outputs], of the weight's type</returns>
    internal static Tensor Of(Tensor x, Tensor weight, ScalarType compute)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        return nn.functional.linear(x.to(compute), weight.to(compute)).to(weight.dtype).MoveToOuterDisposeScope();
    }
}
