using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Adds a block's output to the residual stream and norms the sum, in one pass instead of two each way.
/// <code>
/// s = x + δ        y = rmsnorm(s, w)
/// dx = dδ = ds + drmsnorm(dy)
/// </code>
/// </summary>
internal static class ResidualNorm
{
    /// <summary>Sum and norm by the fastest path for the tensors' device and type.</summary>
    /// <param name="x">[…, width] residual stream</param>
    /// <param name="delta">The same shape.</param>
    /// <param name="weight">[width]</param>
    /// <param name="eps">Added to the mean of squares.</param>
    internal static (Tensor Sum, Tensor Normed) Apply(Tensor x, Tensor delta, Tensor weight, double eps) =>
        CpuKernel.Runs(CpuKernels.Norms, x, delta, weight)
            ? Fused(x, delta, weight, eps)
            : Composite(x, delta, weight, eps);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static (Tensor Sum, Tensor Normed) Fused(Tensor x, Tensor delta, Tensor weight, double eps)
    {
        if (!x.shape.AsSpan().SequenceEqual(delta.shape))
            throw new ArgumentException($"Summands of shapes [{string.Join(", ", x.shape)}] and [{string.Join(", ", delta.shape)}] do not fit.");
        List<Tensor> results = ResidualNormFunction.apply(x, delta, weight, eps);
        return (results[0], results[1]);
    }

    /// <summary>Plain tensor operations, on any device and type.</summary>
    internal static (Tensor Sum, Tensor Normed) Composite(Tensor x, Tensor delta, Tensor weight, double eps)
    {
        Tensor sum = x.Plus(delta);
        return (sum, RmsNorm.Composite(sum, weight, eps));
    }
}

internal sealed class ResidualNormFunction : autograd.MultiTensorFunction<ResidualNormFunction>
{
    public override string Name => nameof(ResidualNorm);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ((Tensor)vars[0]).contiguous(), delta = ((Tensor)vars[1]).contiguous(), sum = empty_like(x);
        Tensor weight = TensorMemory.Contiguous((Tensor)vars[2], scope);
        (Tensor y, Tensor inverse) = RmsNormRows.Forward(x, delta, sum, weight, (float)(double)vars[3]);
        ctx.save_data("sum", ((Tensor)vars[0]).requires_grad || ((Tensor)vars[1]).requires_grad);
        ctx.save_data("weight", ((Tensor)vars[2]).requires_grad);
        ctx.set_materialize_grads(false);
        ctx.save_for_backward([sum, weight, scope.MoveToOuter(inverse)]);
        return [sum.MoveToOuterDisposeScope(), y.MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = BackwardPass.Saved(ctx);
        (Tensor? ds, Tensor? dw) = RmsNormRows.Backward(
            saved[0], saved[1], saved[2], Upstream.Of(grad_outputs[1], saved[0]), Upstream.Of(grad_outputs[0], saved[0]),
            (bool)ctx.get_data("sum"), (bool)ctx.get_data("weight"));
        return BackwardPass.Return(grad_outputs, ds, ds, dw, null);
    }
}
