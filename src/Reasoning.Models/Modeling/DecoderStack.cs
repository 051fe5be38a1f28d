using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>Everything below the output head: embedding, layers, final norm.</summary>
internal sealed class DecoderStack : nn.Module
{
    private readonly double _scale;

    internal DecoderStack(ModelConfig config)
        : base(nameof(DecoderStack))
    {
        _scale = config.EmbeddingScale;
        EmbedTokens = new TokenMatrix(config.VocabSize, config.HiddenSize);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(config, layer))];
        FinalNorm = new Norm(config.HiddenSize, config);
        register_module("embed_tokens", EmbedTokens);
        register_module("layers", new ModuleList<DecoderLayer>([.. Layers]));
        register_module("norm", FinalNorm);
    }

    internal TokenMatrix EmbedTokens { get; }

    internal IReadOnlyList<DecoderLayer> Layers { get; }

    internal Norm FinalNorm { get; }

    /// <inheritdoc cref="CausalLM.GradientCheckpointing"/>
    internal bool GradientCheckpointing { get; set; }

    /// <inheritdoc cref="CausalLM.Cancellation"/>
    internal CancellationToken Cancellation { get; set; }

    /// <summary>The one forward pass, of training, prefill and decoding alike.</summary>
    /// <param name="ids">[tokens] int64</param>
    /// <param name="angles">Of each token's position, [tokens, headDim/2].</param>
    /// <param name="cache">What the tokens attend to.</param>
    /// <returns>[tokens, width] after the final norm, owned by the caller's scope</returns>
    internal Tensor Apply(Tensor ids, RotaryAngles angles, IAttentionCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Scaled(EmbedTokens.Rows(ids), _scale); // [tokens, width]
        Tensor normed = Layers[0].InputNorm.Apply(x); // [tokens, width]
        for (int i = 0; i < Layers.Count; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            bool last = i + 1 == Layers.Count;
            Norm next = last ? FinalNorm : Layers[i + 1].InputNorm;
            (Tensor cos, Tensor sin) = angles.Of(Layers[i].IsSliding); // [tokens, headDim/2]
            (Tensor nextX, Tensor nextNormed) = GradientCheckpointing && cache is SequenceLayout sequences && is_grad_enabled()
                ? GradientCheckpoint.Apply(Layers[i], x, normed, next, last, cos, sin, sequences)
                : Layers[i].Apply(x, normed, next, last, cos, sin, cache);
            // Where a gradient will need the layer's input, the graph holds it; else its memory is free now.
            x.Dispose();
            normed.Dispose();
            (x, normed) = (nextX, nextNormed);
        }

        return normed.MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings times a factor that is rounded to their type, as the models were trained.</summary>
    private static Tensor Scaled(Tensor x, double factor)
    {
        if (factor == 1)
            return x;
        using DisposeScope scope = NewDisposeScope();
        using Scalar held = factor;
        return (x * full(1, held, x.dtype, x.device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
