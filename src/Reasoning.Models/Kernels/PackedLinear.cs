using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// One or several linear maps of the same input, packed for many products with few rows: y = x [W₁; W₂; …]ᵀ. The memory belongs to the
/// dispose scope in which it was packed. A row of the result does not depend on the rows beside it, in float32 nor in bfloat16.
/// </summary>
internal sealed unsafe class PackedLinear
{
    private readonly Tensor _packed; // bytes
    private readonly bool _bfloat16;

    /// <param name="bfloat16">Whether the weights are rounded to bfloat16: half the memory to read for each token.</param>
    /// <param name="weights">[outputs, inputs] each, float32 on the CPU.</param>
    internal PackedLinear(bool bfloat16, params ReadOnlySpan<Tensor> weights)
    {
        _bfloat16 = bfloat16;
        Inputs = (int)weights[0].shape[1];
        foreach (Tensor weight in weights)
            Outputs += (int)weight.shape[0];
        _packed = empty(Gemm.PackedBytes(Outputs, Inputs, bfloat16), dtype: ScalarType.Byte);
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        Tensor all = weights.Length == 1 ? weights[0].contiguous() : cat(weights.ToArray()); // [outputs, inputs]
        Gemm.Pack(Outputs, Inputs, TensorMemory.Floats(all), Inputs, Bytes, bfloat16);
        GC.KeepAlive(all);
    }

    internal int Inputs { get; }

    /// <summary>Outputs of all maps together.</summary>
    internal int Outputs { get; }

    private void* Bytes => TensorMemory.Address(_packed);

    /// <summary>y[rows, outputs] = x[rows, inputs] Wᵀ; rows of x are <paramref name="stride"/> floats apart.</summary>
    internal void Apply(int rows, float* x, int stride, float* y)
    {
        Gemm.RunPacked(rows, Outputs, Inputs, x, stride, Bytes, _bfloat16, y, Outputs);
        GC.KeepAlive(_packed);
    }
}
