using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>The effective weights of one layer.</summary>
internal sealed class LayerWeights(DecoderLayer layer)
{
    internal Tensor InputNorm { get; } = layer.InputNorm.Weight; // [width]

    internal LinearWeights Query { get; } = new(layer.Attention.Query);

    internal LinearWeights Key { get; } = new(layer.Attention.Key);

    internal LinearWeights Value { get; } = new(layer.Attention.Value);

    internal LinearWeights Output { get; } = new(layer.Attention.Output);

    internal Tensor? QueryNorm { get; } = layer.Attention.QueryNorm?.Weight; // [headDim]

    internal Tensor? KeyNorm { get; } = layer.Attention.KeyNorm?.Weight; // [headDim]

    internal Tensor PostAttentionNorm { get; } = layer.PostAttentionNorm.Weight; // [width]

    internal LinearWeights Gate { get; } = new(layer.FeedForward.Gate);

    internal LinearWeights Up { get; } = new(layer.FeedForward.Up);

    internal LinearWeights Down { get; } = new(layer.FeedForward.Down);
}

/// <summary>A linear map whose adapter, if it has one, is folded into the weight.</summary>
internal sealed class LinearWeights(Projection projection)
{
    private readonly Tensor _weight = projection.MergedWeight(); // [outputs, inputs]
    private readonly Tensor? _bias = projection.Bias; // [outputs]

    /// <summary>[rows, inputs] to [rows, outputs].</summary>
    internal Tensor Apply(Tensor x) => nn.functional.linear(x, _weight, _bias);
}
