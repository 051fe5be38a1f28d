using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>An RMS norm with its weight.</summary>
public sealed class Norm : nn.Module
{
    private readonly double _eps;

    internal Norm(int width, double eps)
        : base(nameof(Norm))
    {
        _eps = eps;
        register_parameter("weight", Parameters.Empty(width));
    }

    /// <summary>[width]</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>Normalizes the last dimension of [tokens, width] or [tokens, heads, headDim].</summary>
    public Tensor Apply(Tensor x) => RmsNorm.Apply(x, Weight, _eps);

    /// <summary>x + delta, and its norm; all [tokens, width].</summary>
    internal (Tensor Sum, Tensor Normed) ApplyToSum(Tensor x, Tensor delta) => ResidualNorm.Apply(x, delta, Weight, _eps);

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
