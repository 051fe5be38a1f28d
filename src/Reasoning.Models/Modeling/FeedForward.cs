using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>The gated feed-forward block: down(f(gate(x)) ∘ up(x)), f the <see cref="GatedActivation"/> of the model.</summary>
public sealed class FeedForward : nn.Module
{
    private readonly GatedActivation _activation;

    internal FeedForward(ModelConfig config)
        : base(nameof(FeedForward))
    {
        _activation = config.Family.Activation;
        Gate = new Projection(config.HiddenSize, config.IntermediateSize, bias: false);
        Up = new Projection(config.HiddenSize, config.IntermediateSize, bias: false);
        Down = new Projection(config.IntermediateSize, config.HiddenSize, bias: false);
        register_module("gate_proj", Gate);
        register_module("up_proj", Up);
        register_module("down_proj", Down);
    }

    public Projection Gate { get; }

    public Projection Up { get; }

    public Projection Down { get; }

    /// <summary>Applies the block to [tokens, width].</summary>
    internal Tensor Apply(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = Gate.Rounded(x);
        Tensor gate = Gate.Apply(x), up = Up.Apply(x); // [tokens, intermediate]
        Tensor inner = _activation == GatedActivation.Silu ? GatedUnit.Silu(gate, up) : GatedUnit.Gelu(gate, up); // [tokens, intermediate]
        return Down.Apply(inner).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
