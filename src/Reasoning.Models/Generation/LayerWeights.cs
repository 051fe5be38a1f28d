using Reasoning.Models.Modeling;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>The effective weights of one layer, and what it knows about positions.</summary>
internal sealed class LayerWeights(DecoderLayer layer, RotaryAngles angles, int? window)
{
    internal Tensor InputNorm { get; } = layer.InputNorm.Factor(); // [width]

    internal LinearWeights Query { get; } = new(layer.Attention.Query);

    internal LinearWeights Key { get; } = new(layer.Attention.Key);

    internal LinearWeights Value { get; } = new(layer.Attention.Value);

    internal LinearWeights Output { get; } = new(layer.Attention.Output);

    internal Tensor? QueryNorm { get; } = layer.Attention.QueryNorm?.Factor(); // [headDim]

    internal Tensor? KeyNorm { get; } = layer.Attention.KeyNorm?.Factor(); // [headDim]

    internal Tensor? AttentionOutputNorm { get; } = layer.AttentionOutputNorm?.Factor(); // [width]

    internal Tensor FeedForwardNorm { get; } = layer.FeedForwardNorm.Factor(); // [width]

    internal LinearWeights Gate { get; } = new(layer.FeedForward.Gate);

    internal LinearWeights Up { get; } = new(layer.FeedForward.Up);

    internal LinearWeights Down { get; } = new(layer.FeedForward.Down);

    internal Tensor? FeedForwardOutputNorm { get; } = layer.FeedForwardOutputNorm?.Factor(); // [width]

    /// <summary>Cosines and sines by position, [positions or more, headDim/2] each.</summary>
    internal (Tensor Cos, Tensor Sin) Rotation { get; } = angles.Of(layer.IsSliding);

    /// <summary>Tokens that each one attends to, itself included; null for all.</summary>
    internal int? Window { get; } = window;
}

/// <summary>A linear map whose adapter, if it has one, is folded into the weight.</summary>
internal sealed class LinearWeights(Projection projection)
{
    internal Tensor Weight { get; } = projection.MergedWeight(); // [outputs, inputs]

    internal Tensor? Bias { get; } = projection.Bias; // [outputs]
}
