using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Gradients of a scalar loss that its forward pass has computed already. A loss that is a weighted sum over rows knows the gradient of each
/// row as soon as it knows the row's logits; computing both at once saves the backward pass from computing all logits again (as
/// Liger-Kernel does for cross entropy, Hsu et al. 2024, arXiv:2410.10989).
/// </summary>
/// <param name="gradients">One for each argument of the function, null where none is wanted; theirs is the scope of the forward pass.</param>
internal sealed class ReadyGradients(Tensor?[] gradients)
{
    private Tensor?[]? _gradients = gradients;

    /// <summary>The gradients times that of the loss. They are scaled in place, so this works once.</summary>
    /// <exception cref="InvalidOperationException">They have been taken before.</exception>
    internal List<Tensor> Take(Tensor upstream)
    {
        Tensor?[] taken = _gradients ?? throw new InvalidOperationException("The backward pass of a head's loss runs once.");
        _gradients = null;
        using Tensor wide = upstream.to(ScalarType.Float64);
        double factor = wide.item<double>();
        foreach (Tensor? gradient in taken)
        {
            // libtorch would take an empty handle for a gradient of zero.
            if (gradient is { IsInvalid: true })
                throw new InvalidOperationException("The dispose scope in which the head's loss was made has been closed before its backward pass.");
            if (factor != 1) gradient?.mul_(factor);
        }

        return [.. taken.Select(gradient => gradient!)];
    }
}
