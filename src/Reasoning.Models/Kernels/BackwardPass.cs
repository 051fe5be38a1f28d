using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// What a function of ours does in a backward pass so that memory is free as early as after a function of libtorch. Its binding would keep
/// saved tensors until the pass is over, and gradients, those that come and those that go, until the dispose scope around it closes.
/// </summary>
internal static class BackwardPass
{
    [ThreadStatic]
    private static Tensor[]? t_handed;

    /// <summary>What the forward pass has saved, for the scope of the caller, which is then the last to hold it: there is one backward pass.</summary>
    internal static List<Tensor> Saved(autograd.AutogradContext ctx)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        ctx.Dispose();
        return saved;
    }

    /// <summary>The results of a function's backward pass, by input.</summary>
    /// <param name="received">The gradients that it was given; disposed of.</param>
    /// <param name="gradients">Those of its inputs, of the innermost dispose scope; null for none. Freed here when the next function is done.</param>
    internal static List<Tensor> Return(IEnumerable<Tensor> received, params Tensor?[] gradients)
    {
        foreach (Tensor gradient in (t_handed ?? []).Concat(received)) gradient.Dispose();
        t_handed = [.. gradients.OfType<Tensor>().Distinct<Tensor>(ReferenceEqualityComparer.Instance)];
        foreach (Tensor gradient in t_handed) gradient.MoveToOuterDisposeScope();
        return [.. gradients.Select(gradient => gradient!)];
    }
}
