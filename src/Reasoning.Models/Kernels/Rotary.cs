using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Rotary position embedding (Su et al. 2021, arXiv:2104.09864) with pairs (i, i + headDim/2), as Hugging Face checkpoints store them.
/// <code>
/// y[i]     = x[i] · cos[i] − x[i + half] · sin[i]
/// y[i+half] = x[i + half] · cos[i] + x[i] · sin[i]        i &lt; half = headDim / 2
/// </code>
/// The gradient is the rotation by the opposite angle. <c>RotaryTable</c> makes the angles.
/// </summary>
internal static class Rotary
{
    /// <summary>The rotation by the fastest path for the tensor's device and type.</summary>
    /// <param name="x">[tokens, heads, headDim]</param>
    /// <param name="cos">[tokens, headDim/2], no gradient</param>
    /// <param name="sin">[tokens, headDim/2], no gradient</param>
    /// <returns>The shape of <paramref name="x"/>.</returns>
    internal static Tensor Apply(Tensor x, Tensor cos, Tensor sin) =>
        CpuKernel.Runs(CpuKernels.Rotary, x, cos) ? Fused(x, cos, sin) : Composite(x, cos, sin);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static Tensor Fused(Tensor x, Tensor cos, Tensor sin) => RotaryFunction.apply(x, cos, sin);

    /// <summary>Plain tensor operations, on any device and type.</summary>
    internal static Tensor Composite(Tensor x, Tensor cos, Tensor sin)
    {
        using DisposeScope scope = NewDisposeScope();
        long half = x.shape[^1] / 2;
        Tensor c = cos.unsqueeze(1), s = sin.unsqueeze(1); // [tokens, 1, half]
        Tensor low = x.narrow(2, 0, half), high = x.narrow(2, half, half);
        return cat([(low * c) - (high * s), (high * c).Plus(low * s)], 2).MoveToOuterDisposeScope();
    }
}

internal sealed unsafe class RotaryFunction : autograd.SingleTensorFunction<RotaryFunction>
{
    public override string Name => nameof(Rotary);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        var cos = (Tensor)vars[1];
        var sin = (Tensor)vars[2];
        Tensor y = Rotate(((Tensor)vars[0]).contiguous(), cos, sin, 1);
        ctx.save_for_backward([cos, sin]);
        return y.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = BackwardPass.Saved(ctx);
        return BackwardPass.Return([grad_output], Rotate(grad_output.contiguous(), saved[0], saved[1], -1), null, null);
    }

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin, float direction)
    {
        int tokens = (int)x.shape[0], heads = (int)x.shape[1], half = (int)x.shape[2] / 2;
        Tensor y = empty_like(x);
        float* xs = TensorMemory.Floats(x), ys = TensorMemory.Floats(y), cs = TensorMemory.Floats(cos), ss = TensorMemory.Floats(sin);
        TensorMemory.ForRows(tokens, heads * half * 2, (first, last, _) =>
        {
            for (int token = first; token < last; token++)
            {
                float* c = cs + ((nint)token * half), s = ss + ((nint)token * half);
                for (int head = 0; head < heads; head++)
                {
                    nint at = (((nint)token * heads) + head) * half * 2;
                    RotateHead(xs + at, ys + at, c, s, half, direction);
                }
            }
        });
        GC.KeepAlive(x);
        GC.KeepAlive(cos);
        GC.KeepAlive(sin);
        return y;
    }

    internal static void RotateHead(float* x, float* y, float* cos, float* sin, int half, float direction)
    {
        var sign = Vector256.Create(direction);
        int i = 0;
        for (; i <= half - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> low = Vector256.Load(x + i), high = Vector256.Load(x + half + i);
            Vector256<float> c = Vector256.Load(cos + i), s = Vector256.Load(sin + i) * sign;
            ((low * c) - (high * s)).Store(y + i);
            ((high * c) + (low * s)).Store(y + half + i);
        }

        for (; i < half; i++)
        {
            float low = x[i], high = x[half + i], s = sin[i] * direction;
            y[i] = (low * cos[i]) - (high * s);
            y[half + i] = (high * cos[i]) + (low * s);
        }
    }
}
