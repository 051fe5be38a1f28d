using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
public sealed class DecoderLayer : nn.Module
{
    internal DecoderLayer(ModelConfig config)
        : base(nameof(DecoderLayer))
    {
        InputNorm = new Norm(config.HiddenSize, config.RmsNormEps);
        Attention = new Attention(config);
        PostAttentionNorm = new Norm(config.HiddenSize, config.RmsNormEps);
        FeedForward = new FeedForward(config);
        register_module("input_layernorm", InputNorm);
        register_module("self_attn", Attention);
        register_module("post_attention_layernorm", PostAttentionNorm);
        register_module("mlp", FeedForward);
    }

    public Norm InputNorm { get; }

    public Attention Attention { get; }

    public Norm PostAttentionNorm { get; }

    public FeedForward FeedForward { get; }

    /// <summary>
    /// Applies the layer to the residual stream <paramref name="x"/> [tokens, width]. Each norm is taken together with the addition before
    /// it, so a layer gets its input <paramref name="normed"/> already, and norms its result for whoever comes <paramref name="next"/>.
    /// Angles <paramref name="cos"/> and <paramref name="sin"/> and the sequences' <paramref name="offsets"/> are for the attention.
    /// </summary>
    internal (Tensor X, Tensor Normed) Apply(Tensor x, Tensor normed, Norm next, Tensor cos, Tensor sin, int[] offsets)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor middle, Tensor middleNormed) = PostAttentionNorm.ApplyToSum(x, Attention.Apply(normed, cos, sin, offsets));
        (Tensor sum, Tensor sumNormed) = next.ApplyToSum(middle, FeedForward.Apply(middleNormed));
        return scope.MoveToOuter(sum, sumNormed);
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
