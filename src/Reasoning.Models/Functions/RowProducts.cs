using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Linear maps for generation, where a row's result must not depend on the rows beside it: BLAS libraries choose another order of
/// summation for another number of rows, and the last bits with it. On float32 CPU memory the products are our own on every backend.
/// </summary>
internal static unsafe class RowProducts
{
    /// <summary>x Wᵀ + b. Nothing is recorded for a gradient.</summary>
    /// <param name="x">[rows, inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <returns>[rows, outputs]</returns>
    internal static Tensor Linear(Tensor x, Tensor weight, Tensor? bias)
    {
        if (!Raw.IsFloatCpu(x) || !Raw.IsFloatCpu(weight) || !x.is_contiguous() || !weight.is_contiguous())
            return nn.functional.linear(x, weight, bias);

        int rows = (int)x.shape[0], inputs = (int)weight.shape[1], outputs = (int)weight.shape[0];
        if (x.shape[1] != inputs)
            throw new ArgumentException($"Rows of {x.shape[1]} values do not fit a weight [{outputs}, {inputs}].", nameof(x));
        Tensor result = empty(rows, outputs); // [rows, outputs]
        Gemm.Run(false, true, rows, outputs, inputs, Raw.Floats(x), inputs, Raw.Floats(weight), inputs, Raw.Floats(result), outputs, false);
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        if (bias is not null)
        {
            using IDisposable guard = no_grad();
            result.add_(bias);
        }

        return result;
    }
}
