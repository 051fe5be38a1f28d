using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)). With sandwich norms (Gemma 3) the outputs of both blocks are normed
/// before they are added.
/// </summary>
public sealed class DecoderLayer : nn.Module
{
    internal DecoderLayer(ModelConfig config, int layer)
        : base(nameof(DecoderLayer))
    {
        InputNorm = new Norm(config.HiddenSize, config);
        Attention = new Attention(config, layer);
        FeedForwardNorm = new Norm(config.HiddenSize, config);
        FeedForward = new FeedForward(config);
        IsSliding = config.IsSliding(layer);
        register_module("input_layernorm", InputNorm);
        register_module("self_attn", Attention);
        if (config.Family.SandwichNorms)
        {
            AttentionOutputNorm = new Norm(config.HiddenSize, config);
            FeedForwardOutputNorm = new Norm(config.HiddenSize, config);
            // The name that others use for the norm before the feed-forward block.
            register_module("post_attention_layernorm", AttentionOutputNorm);
            register_module("pre_feedforward_layernorm", FeedForwardNorm);
            register_module("post_feedforward_layernorm", FeedForwardOutputNorm);
        }
        else
        {
            register_module("post_attention_layernorm", FeedForwardNorm);
        }

        register_module("mlp", FeedForward);
    }

    /// <summary>The norm before attention.</summary>
    public Norm InputNorm { get; }

    public Attention Attention { get; }

    /// <summary>The norm of what attention adds to the stream, or null.</summary>
    public Norm? AttentionOutputNorm { get; }

    /// <summary>The norm before the feed-forward block.</summary>
    public Norm FeedForwardNorm { get; }

    public FeedForward FeedForward { get; }

    /// <summary>The norm of what the feed-forward block adds to the stream, or null.</summary>
    public Norm? FeedForwardOutputNorm { get; }

    /// <summary>Whether the layer attends to the last tokens only, and uses the rotary angles for such layers.</summary>
    internal bool IsSliding { get; }

    /// <summary>
    /// Applies the layer to the residual stream <paramref name="x"/> [tokens, width]. Each norm is taken together with the addition before
    /// it, so a layer gets its input <paramref name="normed"/> already, and norms its result for whoever comes <paramref name="next"/>,
    /// which is the final norm after the <paramref name="last"/> layer.
    /// Angles <paramref name="cos"/> and <paramref name="sin"/> and the <paramref name="cache"/> are for the attention.
    /// </summary>
    internal (Tensor X, Tensor Normed) Apply(Tensor x, Tensor normed, Norm next, bool last, Tensor cos, Tensor sin, IAttentionCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = Attention.Apply(normed, cos, sin, cache); // [tokens, width]
        if (AttentionOutputNorm is not null)
            attended = AttentionOutputNorm.Apply(attended);
        (Tensor middle, Tensor middleNormed) = FeedForwardNorm.ApplyToSum(x, attended);
        Tensor update = FeedForward.Apply(middleNormed); // [tokens, width]
        if (FeedForwardOutputNorm is not null)
            update = FeedForwardOutputNorm.Apply(update);
        if (last)
        {
            // Nothing follows that would use the sum itself, and a result without a gradient costs more than the addition apart.
            Tensor result = middle.Plus(update);
            return scope.MoveToOuter(result, next.Apply(result));
        }

        (Tensor sum, Tensor sumNormed) = next.ApplyToSum(middle, update);
        return scope.MoveToOuter(sum, sumNormed);
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
