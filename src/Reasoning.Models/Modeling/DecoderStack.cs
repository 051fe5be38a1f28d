using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>Everything below the output head: embedding, layers, final norm.</summary>
internal sealed class DecoderStack : nn.Module
{
    internal DecoderStack(ModelConfig config)
        : base(nameof(DecoderStack))
    {
        EmbedTokens = new TokenMatrix(config.VocabSize, config.HiddenSize);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(_ => new DecoderLayer(config))];
        FinalNorm = new Norm(config.HiddenSize, config.RmsNormEps);
        register_module("embed_tokens", EmbedTokens);
        register_module("layers", new ModuleList<DecoderLayer>([.. Layers]));
        register_module("norm", FinalNorm);
    }

    internal TokenMatrix EmbedTokens { get; }

    internal IReadOnlyList<DecoderLayer> Layers { get; }

    internal Norm FinalNorm { get; }

    internal Tensor Apply(Tensor ids, Tensor cos, Tensor sin, int[] offsets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = EmbedTokens.Rows(ids); // [tokens, width]
        Tensor normed = Layers[0].InputNorm.Apply(x); // [tokens, width]
        for (int i = 0; i < Layers.Count; i++)
        {
            Norm next = i + 1 < Layers.Count ? Layers[i + 1].InputNorm : FinalNorm;
            (Tensor nextX, Tensor nextNormed) = Layers[i].Apply(x, normed, next, cos, sin, offsets);
            // Where a gradient will need the layer's input, the graph holds it; else its memory is free now.
            x.Dispose();
            normed.Dispose();
            (x, normed) = (nextX, nextNormed);
        }

        return normed.MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
