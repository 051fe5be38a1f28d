using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// The weights of one <see cref="Generator.Generate"/> call: the model's own parameters, except where a low-rank adapter
/// or a norm around one makes the effective weight a tensor of its own, which belongs to the caller's dispose scope.
/// </summary>
internal sealed class DecoderWeights
{
    /// <param name="model">The model.</param>
    /// <param name="positions">Longest sequence that will be decoded.</param>
    internal DecoderWeights(CausalLM model, int positions)
    {
        Config = model.Config;
        Embedding = model.EmbedTokens;
        Head = model.HeadWeight;
        FinalNorm = model.FinalNorm.Factor();
        RotaryAngles angles = model.Rotary.Tables(positions, Embedding.dtype, Embedding.device);
        Layers = [.. model.Layers.Select((layer, index) => new LayerWeights(layer, angles, Config.Window(index)))];
    }

    internal ModelConfig Config { get; }

    /// <summary>[vocab, width]</summary>
    internal Tensor Embedding { get; }

    internal IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary>[width]</summary>
    internal Tensor FinalNorm { get; }

    /// <summary>[vocab, width]</summary>
    internal Tensor Head { get; }
}
