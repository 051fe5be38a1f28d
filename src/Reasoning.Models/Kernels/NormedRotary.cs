using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The norm of each head and then its rotation, as queries and keys of Qwen3 and Gemma 3 need them, in one pass each way.
/// <code>
/// y = R rmsnorm(x, w)        R rotates by the angles of the token
/// dn = Rᵀ dy                 dx, dw from dn as in <see cref="RmsNorm"/>
/// </code>
/// </summary>
internal static class NormedRotary
{
    /// <summary>Norm and rotation by the fastest path for the tensors' device and type.</summary>
    /// <param name="x">[tokens, heads, headDim]</param>
    /// <param name="weight">[headDim]</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <param name="cos">[tokens, headDim/2], no gradient</param>
    /// <param name="sin">[tokens, headDim/2], no gradient</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    internal static Tensor Apply(Tensor x, Tensor weight, double eps, Tensor cos, Tensor sin) =>
        CpuKernel.Runs(CpuKernels.Rotary, x, weight, cos) ? Fused(x, weight, eps, cos, sin) : Composite(x, weight, eps, cos, sin);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static Tensor Fused(Tensor x, Tensor weight, double eps, Tensor cos, Tensor sin) => NormedRotaryFunction.apply(x, weight, eps, cos, sin);

    /// <summary>The two functions one after the other, of plain tensor operations.</summary>
    internal static Tensor Composite(Tensor x, Tensor weight, double eps, Tensor cos, Tensor sin)
    {
        using DisposeScope scope = NewDisposeScope();
        return Rotary.Composite(RmsNorm.Composite(x, weight, eps), cos, sin).MoveToOuterDisposeScope();
    }
}

internal sealed unsafe class NormedRotaryFunction : autograd.SingleTensorFunction<NormedRotaryFunction>
{
    public override string Name => nameof(NormedRotary);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = TensorMemory.Contiguous((Tensor)vars[0], scope), weight = TensorMemory.Contiguous((Tensor)vars[1], scope);
        var cos = (Tensor)vars[3];
        var sin = (Tensor)vars[4];
        float eps = (float)(double)vars[2];
        int tokens = (int)x.shape[0], heads = (int)x.shape[1], width = (int)x.shape[2], half = width / 2;
        Tensor y = empty_like(x), inverse = empty(tokens, heads);
        float* xs = TensorMemory.Floats(x), ws = TensorMemory.Floats(weight), ys = TensorMemory.Floats(y), rs = TensorMemory.Floats(inverse), cs = TensorMemory.Floats(cos), ss = TensorMemory.Floats(sin);
        TensorMemory.ForRows(tokens, heads * width, (first, last, _) =>
        {
            for (int row = first * heads; row < last * heads; row++)
            {
                nint at = (nint)row * width, angle = (nint)(row / heads) * half;
                rs[row] = RmsNormRows.Norm(xs + at, ws, eps, ys + at, width);
                RotaryFunction.RotateHead(ys + at, ys + at, cs + angle, ss + angle, half, 1);
            }
        });
        ctx.save_data("x", ((Tensor)vars[0]).requires_grad);
        ctx.save_data("weight", ((Tensor)vars[1]).requires_grad);
        ctx.save_for_backward([x, weight, scope.MoveToOuter(inverse), cos, sin]);
        return y.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = BackwardPass.Saved(ctx);
        Tensor x = saved[0], weight = saved[1], inverse = saved[2], cos = saved[3], sin = saved[4], dy = grad_output.contiguous();
        int tokens = (int)x.shape[0], heads = (int)x.shape[1], width = (int)x.shape[2], half = width / 2;
        int blocks = TensorMemory.Blocks(tokens, heads * width);
        Tensor? dx = (bool)ctx.get_data("x") ? empty_like(x) : null;
        Tensor? partial = (bool)ctx.get_data("weight") ? zeros(blocks, width) : null;
        float* xs = TensorMemory.Floats(x), ws = TensorMemory.Floats(weight), rs = TensorMemory.Floats(inverse), gs = TensorMemory.Floats(dy), cs = TensorMemory.Floats(cos), ss = TensorMemory.Floats(sin);
        float* dxs = dx is null ? null : TensorMemory.Floats(dx), sums = partial is null ? null : TensorMemory.Floats(partial);
        TensorMemory.ForRows(tokens, heads * width, (first, last, block) =>
        {
            float* turned = Scratch.Rent(width);
            for (int row = first * heads; row < last * heads; row++)
            {
                nint at = (nint)row * width, angle = (nint)(row / heads) * half;
                RotaryFunction.RotateHead(gs + at, turned, cs + angle, ss + angle, half, -1);
                if (dxs != null) RmsNormRows.InputGradient(xs + at, ws, turned, rs[row], null, dxs + at, width);
                if (sums != null) RmsNormRows.AddWeightGradient(xs + at, turned, rs[row], sums + ((nint)block * width), width);
            }
        });
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(inverse);
        GC.KeepAlive(cos);
        GC.KeepAlive(sin);
        GC.KeepAlive(dy);
        Tensor? dw = partial is null ? null : RmsNormRows.SumOfBlocks(partial);
        return BackwardPass.Return([grad_output], dx, dw, null, null, null);
    }
}
