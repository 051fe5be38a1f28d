using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Gradients that reach a function of several results. A result that nothing was computed from has none. libtorch's binding would fill
/// in zeros from a copy that it keeps in the dispose scope of the forward pass, which may be closed by then: such functions call
/// <c>set_materialize_grads(false)</c> and fill in here.
/// </summary>
internal static class Upstream
{
    /// <summary>The gradient, contiguous; zeros of its result's shape where there is none.</summary>
    internal static Tensor Of(Tensor? gradient, Tensor result) =>
        gradient is null || gradient.IsInvalid ? zeros_like(result) : gradient.contiguous();
}
