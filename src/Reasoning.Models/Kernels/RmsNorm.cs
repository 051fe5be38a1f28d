using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Root mean square norm over the last dimension (Zhang and Sennrich 2019, arXiv:1910.07467).
/// <code>
/// y = x · r · w          r = 1 / √(mean(x²) + ε), in float32 or better
/// dx = r · (w ∘ dy) − x · r³ · mean(x ∘ w ∘ dy)
/// dw = Σ over rows of dy ∘ x · r
/// </code>
/// </summary>
internal static class RmsNorm
{
    /// <summary>The norm by the fastest path for the tensor's device and type.</summary>
    /// <param name="x">[…, width]</param>
    /// <param name="weight">[width]</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    internal static Tensor Apply(Tensor x, Tensor weight, double eps) =>
        CpuKernel.Runs(CpuKernels.Norms, x, weight) ? Fused(x, weight, eps) : Composite(x, weight, eps);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static Tensor Fused(Tensor x, Tensor weight, double eps) => RmsNormFunction.apply(x, weight, eps);

    /// <summary>Plain tensor operations, on any device and type.</summary>
    internal static Tensor Composite(Tensor x, Tensor weight, double eps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = TensorMemory.Widened(x);
        Tensor r = (wide * wide).mean([-1], keepdim: true).Plus(eps).rsqrt(); // […, 1]
        // A weight of the same type multiplies what is rounded already; a wider one (Norm.Factor) comes first.
        Tensor y = weight.dtype == x.dtype ? (wide * r).to(x.dtype) * weight : (wide * r * weight).to(x.dtype);
        return y.MoveToOuterDisposeScope();
    }
}

internal sealed class RmsNormFunction : autograd.SingleTensorFunction<RmsNormFunction>
{
    public override string Name => nameof(RmsNorm);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = TensorMemory.Contiguous((Tensor)vars[0], scope), weight = TensorMemory.Contiguous((Tensor)vars[1], scope);
        (Tensor y, Tensor inverse) = RmsNormRows.Forward(x, null, null, weight, (float)(double)vars[2]);
        ctx.save_data("x", ((Tensor)vars[0]).requires_grad);
        ctx.save_data("weight", ((Tensor)vars[1]).requires_grad);
        ctx.save_for_backward([x, weight, scope.MoveToOuter(inverse)]);
        return y.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = BackwardPass.Saved(ctx);
        (Tensor? dx, Tensor? dw) = RmsNormRows.Backward(
            saved[0], saved[1], saved[2], grad_output.contiguous(), null, (bool)ctx.get_data("x"), (bool)ctx.get_data("weight"));
        return BackwardPass.Return([grad_output], dx, dw, null);
    }
}
