using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// A linear map with an optional bias and an optional low-rank adapter (Hu et al. 2021, arXiv:2106.09685).
/// <code>y = x Wᵀ + b + s (x Aᵀ) Bᵀ        s = α / r</code>
/// </summary>
/// <remarks>
/// Parameters are registered by name, and read back from the register: moving a module to another device replaces them there.
/// </remarks>
public sealed class Projection : nn.Module
{
    private double _loraScale;

    internal Projection(int inputs, int outputs, bool bias)
        : base(nameof(Projection))
    {
        register_parameter("weight", Parameters.Empty(outputs, inputs));
        if (bias)
            register_parameter("bias", Parameters.Empty(outputs));
    }

    /// <summary>[outputs, inputs]</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias => get_parameter("bias");

    /// <summary>Adapter, input side: [rank, inputs], or null.</summary>
    public Parameter? LoraA => get_parameter("lora_A");

    /// <summary>Adapter, output side: [outputs, rank], or null.</summary>
    public Parameter? LoraB => get_parameter("lora_B");

    /// <summary>What the adapter's update is multiplied by, α / r.</summary>
    internal double LoraScale => _loraScale;

    /// <summary>What its products are computed in; null for the weight's own type.</summary>
    internal ScalarType? Compute { get; set; }

    /// <summary>Applies the map.</summary>
    /// <param name="x">[tokens, inputs], or <see cref="Rounded"/> of it.</param>
    /// <returns>[tokens, outputs]</returns>
    public Tensor Apply(Tensor x)
    {
        if (Compute is { } compute)
            return ApplyIn(compute, x);
        if (LoraA is not { } a || LoraB is not { } b)
            return nn.functional.linear(x, Weight, Bias);

        using DisposeScope scope = NewDisposeScope();
        Tensor low = nn.functional.linear(x, a); // [tokens, rank]
        return addmm(nn.functional.linear(x, Weight, Bias), low, b.t(), 1, (float)_loraScale).MoveToOuterDisposeScope();
    }

    /// <summary>An input as the products take it, so that several projections of the same input share the rounding.</summary>
    internal Tensor Rounded(Tensor x) => Compute is { } compute ? x.to(compute) : x;

    /// <summary>
    /// Adds an adapter that changes nothing yet: B is zero, A is uniform in ±1/√inputs, as Kaiming's rule with a = √5 gives it.
    /// </summary>
    internal void AddLora(int rank, double alpha, ulong seed, string name)
    {
        if (LoraA is not null)
            throw new InvalidOperationException($"{name} has an adapter already; merge it first.");
        long[] shape = Weight.shape;
        register_parameter("lora_A", Parameters.Uniform(rank, (int)shape[1], 1 / Math.Sqrt(shape[1]), seed, $"{name}.lora_A", Weight));
        register_parameter("lora_B", Parameters.Zeros((int)shape[0], rank, Weight));
        _loraScale = alpha / rank;
    }

    /// <summary>W + s B A, as a new tensor; the weight itself where there is no adapter.</summary>
    internal Tensor MergedWeight()
    {
        using IDisposable guard = no_grad();
        return LoraA is { } a && LoraB is { } b ? addmm(Weight, b, a, 1, (float)_loraScale) : Weight;
    }

    /// <summary>Folds the adapter into the weight and removes it.</summary>
    internal void MergeLora()
    {
        if (LoraA is not { } a || LoraB is not { } b)
            return;
        using (no_grad())
            Weight.addmm_(b, a, 1, (float)_loraScale).DetachFromDisposeScope();
        ConditionallyRegisterParameter("lora_A", (Parameter?)null);
        ConditionallyRegisterParameter("lora_B", (Parameter?)null);
        a.Dispose();
        b.Dispose();
    }

    /// <summary>Everything is registered by its checkpoint name; fields must not be registered again under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    private Tensor ApplyIn(ScalarType compute, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = Product.Of(x, Weight, compute); // [tokens, outputs]
        // In the weight's type: 16 bits would round a large bias far more than the small product.
        if (Bias is not null)
            y = y.add_(Bias);
        if (LoraA is { } a && LoraB is { } b)
            y = y.add_(Product.Of(Product.Of(x, a, compute), b, compute), (float)_loraScale);
        return y.MoveToOuterDisposeScope();
    }
}
