using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The gated activation of Gemma's feed-forward block (Shazeer 2020, arXiv:2002.05202), with the tanh form of the Gaussian error linear
/// unit (Hendrycks and Gimpel 2016, arXiv:1606.08415), written with σ since (1 + tanh z) / 2 = σ(2z).
/// <code>
/// y = g · σ(z) · u          z = 2 √(2/π) (g + 0.044715 g³)
/// du = dy · g · σ(z)
/// dg = dy · u · σ(z) · (1 + g · z' · (1 − σ(z)))          z' = 2 √(2/π) (1 + 3 · 0.044715 g²)
/// </code>
/// </summary>
internal static class GeGlu
{
    /// <summary>2 √(2/π), and that times 0.044715.</summary>
    internal const float Slope = 1.5957691216f, Cubic = Slope * 0.044715f;

    /// <summary>The activation by the fastest path for the tensors' device and type.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    internal static Tensor Apply(Tensor gate, Tensor up) =>
        CpuKernel.Runs(CpuKernels.Gated, gate, up) ? Fused(gate, up) : Composite(gate, up);

    /// <summary>One pass each way over float32 CPU memory.</summary>
    internal static Tensor Fused(Tensor gate, Tensor up) => GatedFunction<GeGluKernel>.apply(gate, up);

    /// <summary>Plain tensor operations, on any device and type.</summary>
    internal static Tensor Composite(Tensor gate, Tensor up)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor g = TensorMemory.Widened(gate);
        Tensor z = ((g * g * Cubic) + Slope) * g;
        return ((g * z.sigmoid()).to(gate.dtype) * up).MoveToOuterDisposeScope();
    }
}

internal unsafe struct GeGluKernel : IGatedKernel
{
    public static void Activate(float* g, float* u, float* y, int count)
    {
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
        {
            var gate = Vector256.Load(g + i);
            Vector256<float> z = gate * (Vector256.Create(GeGlu.Slope) + (gate * gate * Vector256.Create(GeGlu.Cubic)));
            (gate * Simd.Sigmoid(z) * Vector256.Load(u + i)).Store(y + i);
        }

        for (; i < count; i++)
            y[i] = g[i] * Simd.Sigmoid(g[i] * (GeGlu.Slope + (g[i] * g[i] * GeGlu.Cubic))) * u[i];
    }

    public static void Differentiate(float* g, float* u, float* dy, float* dg, float* du, int count)
    {
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
        {
            var gate = Vector256.Load(g + i);
            Vector256<float> square = gate * gate * Vector256.Create(GeGlu.Cubic), linear = Vector256.Create(GeGlu.Slope);
            Vector256<float> sigma = Simd.Sigmoid(gate * (linear + square)), upstream = Vector256.Load(dy + i) * sigma;
            Vector256<float> slope = gate * (linear + (square * Vector256.Create(3f)));
            (upstream * gate).Store(du + i);
            (upstream * Vector256.Load(u + i) * (Vector256<float>.One + (slope * (Vector256<float>.One - sigma)))).Store(dg + i);
        }

        for (; i < count; i++)
        {
            float square = g[i] * g[i] * GeGlu.Cubic, sigma = Simd.Sigmoid(g[i] * (GeGlu.Slope + square)), upstream = dy[i] * sigma;
            du[i] = upstream * g[i];
            dg[i] = upstream * u[i] * (1 + (g[i] * (GeGlu.Slope + (3 * square)) * (1 - sigma)));
        }
    }
}
