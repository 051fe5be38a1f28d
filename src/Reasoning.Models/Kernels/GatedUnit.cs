using System.Runtime.Intrinsics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The gated activation of feed-forward blocks (Shazeer 2020, arXiv:2002.05202): y = a(g) · u. Llama's a is the sigmoid linear unit
/// g · σ(g); Gemma's is the tanh form of the Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415), written with σ since
/// (1 + tanh z) / 2 = σ(2z): g · σ(2 √(2/π) (g + 0.044715 g³)). Training takes libtorch's operations; decoding works on rows of its own.
/// </summary>
internal static unsafe class GatedUnit
{
    /// <summary>2 √(2/π), and that times 0.044715.</summary>
    private const float Slope = 1.5957691216f, Cubic = Slope * 0.044715f;

    /// <summary>silu(gate) · up.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    public static Tensor Silu(Tensor gate, Tensor up) => nn.functional.silu(gate) * up;

    /// <summary>gelu(gate) · up.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The same shape.</param>
    public static Tensor Gelu(Tensor gate, Tensor up) => nn.functional.gelu(gate, GELU.Approximate.tanh) * up;

    /// <summary>The first on memory; y may be g.</summary>
    public static void Silu(float* g, float* u, float* y, int count)
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

    /// <summary>The second on memory; y may be g.</summary>
    public static void Gelu(float* g, float* u, float* y, int count)
    {
        int i = 0;
        for (; i <= count - Simd.Lanes; i += Simd.Lanes)
        {
            var gate = Vector256.Load(g + i);
            Vector256<float> z = gate * (Vector256.Create(Slope) + (gate * gate * Vector256.Create(Cubic)));
            (gate * Simd.Sigmoid(z) * Vector256.Load(u + i)).Store(y + i);
        }

        for (; i < count; i++)
            y[i] = g[i] * Simd.Sigmoid(g[i] * (Slope + (g[i] * g[i] * Cubic))) * u[i];
    }
}
