using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The gated activation of the feed-forward block (Shazeer 2020, arXiv:2002.05202).
/// <code>
/// y = g · σ(g) · u
/// du = dy · g · σ(g)
/// dg = dy · u · σ(g) · (1 + g · (1 − σ(g)))
/// </code>
/// </summary>
internal static class SwiGlu
{
    /// <summary>The activation by the fastest path for the tensors' device and type.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    internal static Tensor Apply(Tensor gate, Tensor up) =>
        CpuKernel.Runs(CpuKernels.Gated, gate, up) ? Fused(gate, up) : Composite(gate, up);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static Tensor Fused(Tensor gate, Tensor up) => GatedFunction<SwiGluKernel>.apply(gate, up);

    /// <summary>Plain tensor operations, on any device and type.</summary>
    internal static Tensor Composite(Tensor gate, Tensor up)
    {
        using DisposeScope scope = NewDisposeScope();
        return (nn.functional.silu(gate) * up).MoveToOuterDisposeScope();
    }
}

internal unsafe struct SwiGluKernel : IGatedKernel
{
    public static void Activate(float* g, float* u, float* y, int count)
    {
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
        {
            var gate = Vector256.Load(g + i);
            (gate * Simd.Sigmoid(gate) * Vector256.Load(u + i)).Store(y + i);
        }

        for (; i < count; i++)
            y[i] = g[i] * Simd.Sigmoid(g[i]) * u[i];
    }

    public static void Differentiate(float* g, float* u, float* dy, float* dg, float* du, int count)
    {
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
        {
            var gate = Vector256.Load(g + i);
            Vector256<float> sigma = Simd.Sigmoid(gate), upstream = Vector256.Load(dy + i) * sigma;
            (upstream * gate).Store(du + i);
            (upstream * Vector256.Load(u + i) * (Vector256<float>.One + (gate * (Vector256<float>.One - sigma)))).Store(dg + i);
        }

        for (; i < count; i++)
        {
            float sigma = Simd.Sigmoid(g[i]), upstream = dy[i] * sigma;
            du[i] = upstream * g[i];
            dg[i] = upstream * u[i] * (1 + (g[i] * (1 - sigma)));
        }
    }
}
