using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>The gated feed-forward block: down(silu(gate(x)) ∘ up(x)).</summary>
public sealed class FeedForward : nn.Module
{
    internal FeedForward(ModelConfig config)
        : base(nameof(FeedForward))
    {
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
        Tensor inner = SwiGlu.Apply(Gate.Apply(x), Up.Apply(x)); // [tokens, intermediate]
        return Down.Apply(inner).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
