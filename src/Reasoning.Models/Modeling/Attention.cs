using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Causal self-attention with rotary positions and grouped key and value heads; biases, query and key norms and a sliding window are
/// optional.
/// </summary>
public sealed class Attention : nn.Module
{
    private readonly int _layer;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _headDim;
    private readonly double _scale;
    private readonly int? _window;

    internal Attention(ModelConfig config, int layer)
        : base(nameof(Attention))
    {
        (_layer, _heads, _kvHeads, _headDim) = (layer, config.Heads, config.KeyValueHeads, config.HeadDim);
        (_scale, _window) = (config.AttentionScale, config.Window(layer));
        Query = new Projection(config.HiddenSize, _heads * _headDim, config.Family.AttentionBias);
        Key = new Projection(config.HiddenSize, _kvHeads * _headDim, config.Family.AttentionBias);
        Value = new Projection(config.HiddenSize, _kvHeads * _headDim, config.Family.AttentionBias);
        Output = new Projection(_heads * _headDim, config.HiddenSize, bias: false);
        register_module("q_proj", Query);
        register_module("k_proj", Key);
        register_module("v_proj", Value);
        register_module("o_proj", Output);
        if (config.Family.QkNorm)
        {
            QueryNorm = new Norm(_headDim, config);
            KeyNorm = new Norm(_headDim, config);
            register_module("q_norm", QueryNorm);
            register_module("k_norm", KeyNorm);
        }
    }

    public Projection Query { get; }

    public Projection Key { get; }

    public Projection Value { get; }

    public Projection Output { get; }

    /// <summary>Norm over each query head before the rotation, or null.</summary>
    public Norm? QueryNorm { get; }

    /// <summary>Norm over each key head before the rotation, or null.</summary>
    public Norm? KeyNorm { get; }

    /// <summary>Projects, rotates and attends.</summary>
    /// <param name="x">[tokens, width]</param>
    /// <param name="cos">[tokens, headDim/2]</param>
    /// <param name="sin">[tokens, headDim/2]</param>
    /// <param name="cache">What the tokens attend to.</param>
    /// <returns>[tokens, width]</returns>
    internal Tensor Apply(Tensor x, Tensor cos, Tensor sin, IAttentionCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = x.shape[0];
        x = Query.Rounded(x);
        Tensor q = Query.Apply(x).view(tokens, _heads, _headDim);
        Tensor k = Key.Apply(x).view(tokens, _kvHeads, _headDim);
        Tensor v = Value.Apply(x).view(tokens, _kvHeads, _headDim);
        (q, k) = QueryNorm is not null && KeyNorm is not null
            ? (QueryNorm.ApplyAndRotate(q, cos, sin), KeyNorm.ApplyAndRotate(k, cos, sin))
            : (Rotary.Apply(q, cos, sin), Rotary.Apply(k, cos, sin));
        Tensor mixed = cache.Attend(_layer, q, k, v, _window, _scale); // [tokens, heads, headDim]
        return Output.Apply(mixed.reshape(tokens, _heads * _headDim)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
