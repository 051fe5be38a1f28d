using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>y = a(gate) · up over float32 CPU memory, with the gradient by hand; the kernel knows the activation a.</summary>
internal sealed unsafe class GatedFunction<TKernel> : autograd.SingleTensorFunction<GatedFunction<TKernel>>
    where TKernel : IGatedKernel
{
    public override string Name => typeof(TKernel).Name;

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gate = TensorMemory.Contiguous((Tensor)vars[0], scope), up = TensorMemory.Contiguous((Tensor)vars[1], scope);
        Tensor y = empty_like(gate);
        float* gs = TensorMemory.Floats(gate), us = TensorMemory.Floats(up), ys = TensorMemory.Floats(y);
        TensorMemory.ForStrips(gate.NumberOfElements, (at, count) => TKernel.Activate(gs + at, us + at, ys + at, count));
        ctx.save_for_backward([gate, up]);
        return y.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor gate = saved[0], up = saved[1], dy = grad_output.contiguous();
        Tensor dg = empty_like(gate), du = empty_like(up);
        float* gs = TensorMemory.Floats(gate), us = TensorMemory.Floats(up), dys = TensorMemory.Floats(dy), dgs = TensorMemory.Floats(dg), dus = TensorMemory.Floats(du);
        TensorMemory.ForStrips(gate.NumberOfElements, (at, count) => TKernel.Differentiate(gs + at, us + at, dys + at, dgs + at, dus + at, count));
        GC.KeepAlive(saved);
        GC.KeepAlive(dy);
        return [dg.MoveToOuterDisposeScope(), du.MoveToOuterDisposeScope()];
    }
}

/// <summary>One activation of a gated feed-forward block.</summary>
internal unsafe interface IGatedKernel
{
    /// <summary>y = a(g) · u.</summary>
    static abstract void Activate(float* g, float* u, float* y, int count);

    /// <summary>dg and du from dy.</summary>
    static abstract void Differentiate(float* g, float* u, float* dy, float* dg, float* du, int count);
}
