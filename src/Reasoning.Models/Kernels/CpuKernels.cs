using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The functions that are written by hand for float32 memory of CPU tensors. Each has a twin of plain tensor operations, which every other
/// device and type takes; the benchmark <c>kernels</c> says what a training step as a whole gains by each.
/// </summary>
[Flags]
internal enum CpuKernels
{
    None = 0,

    /// <summary><see cref="RmsNorm"/> and <see cref="ResidualNorm"/></summary>
    Norms = 1,

    /// <summary><see cref="Rotary"/> and <see cref="NormedRotary"/></summary>
    Rotary = 2,

    /// <summary><see cref="CausalAttention"/></summary>
    Attention = 4,

    All = Norms | Rotary | Attention,
}

/// <summary>Which of them run: all, but for tests and benchmarks, which compare with the twins.</summary>
internal static class CpuKernel
{
    // Of the caller and what it calls: what a test compares changes no run beside it.
    private static readonly AsyncLocal<CpuKernels?> s_enabled = new();

    internal static CpuKernels Enabled
    {
        get => s_enabled.Value ?? CpuKernels.All;
        set => s_enabled.Value = value;
    }

    /// <summary>Whether a kernel runs on these tensors.</summary>
    internal static bool Runs(CpuKernels kernel, params ReadOnlySpan<Tensor> tensors)
    {
        if ((Enabled & kernel) == 0)
            return false;
        foreach (Tensor tensor in tensors)
        {
            if (!TensorMemory.IsFloatCpu(tensor))
                return false;
        }

        return true;
    }
}
