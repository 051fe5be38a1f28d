using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>An RMS norm with its weight, which is the factor of each column, or that minus one (Gemma).</summary>
public sealed class Norm : nn.Module
{
    private readonly double _eps;
    private readonly bool _zeroCentered;

    internal Norm(int width, ModelConfig config)
        : base(nameof(Norm))
    {
        (_eps, _zeroCentered) = (config.RmsNormEps, config.Family.ZeroCenteredNorms);
        register_parameter("weight", Parameters.Empty(width));
    }

    /// <summary>[width]</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>Normalizes the last dimension of [tokens, width] or [tokens, heads, headDim].</summary>
    public Tensor Apply(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return RmsNorm.Apply(x, Factor(), _eps).MoveToOuterDisposeScope();
    }

    /// <summary>Normalizes the heads of [tokens, heads, headDim] and rotates them.</summary>
    internal Tensor ApplyAndRotate(Tensor x, Tensor cos, Tensor sin)
    {
        using DisposeScope scope = NewDisposeScope();
        return NormedRotary.Apply(x, Factor(), _eps, cos, sin).MoveToOuterDisposeScope();
    }

    /// <summary>x + delta, and its norm; all [tokens, width].</summary>
    internal (Tensor Sum, Tensor Normed) ApplyToSum(Tensor x, Tensor delta)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor sum, Tensor normed) = ResidualNorm.Apply(x, delta, Factor(), _eps);
        return scope.MoveToOuter(sum, normed);
    }

    /// <summary>
    /// [width] what normed values are multiplied by. One plus a small weight would lose most of it in 16 bits, so that sum is at least
    /// float32. It is the weight itself, or belongs to the caller's scope.
    /// </summary>
    internal Tensor Factor()
    {
        Parameter weight = Weight;
        if (!_zeroCentered)
            return weight;
        using DisposeScope scope = NewDisposeScope();
        return TensorMemory.Widened(weight).Plus(1).MoveToOuterDisposeScope();
    }

    /// <summary>Multiplies what comes out by a factor: behind the last layer the logits, as a temperature of 1 / factor does.</summary>
    public void Scale(double factor)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Weight.copy_(_zeroCentered ? Weight.Plus(1).Times(factor).Minus(1) : Weight.Times(factor)).DetachFromDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
