using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Products in a narrower type than that of weights and gradients. libtorch sums them in float32 and rounds the result. Weights are
/// rounded in every pass: beside the products of a full micro-batch that costs little, and no copy can be out of date.
/// </summary>
internal static class Product
{
    /// <summary>Rows of a sum that are added at once: what is added stays in the processor's cache.</summary>
    private const int Block = 2048;

    /// <summary>x Wᵀ with both sides rounded; gradients take the same way back and are added up in the type of the weight.</summary>
    /// <param name="x">[rows, inputs], of the model's type or rounded already.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="type">What both are rounded to.</param>
    /// <returns>[rows, outputs], of the weight's type</returns>
    internal static Tensor Of(Tensor x, Tensor weight, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.linear(x.to(type), weight.to(type)).to(weight.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>sum += aᵀ b, where a and b may be narrower than the sum.</summary>
    /// <param name="sum">[m, n]</param>
    /// <param name="a">[rows, m]</param>
    /// <param name="b">[rows, n]</param>
    internal static void Add(Tensor sum, Tensor a, Tensor b)
    {
        if (sum.dtype == a.dtype)
        {
            sum.addmm_(a.t(), b);
            return;
        }

        long rows = sum.shape[0], block = sum.device_type == DeviceType.CPU ? Block : rows;
        for (long first = 0; first < rows; first += block)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(block, rows - first);
            sum.narrow(0, first, count).AddInPlace(a.narrow(1, first, count).t().mm(b));
        }
    }
}
