using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>A matrix with one row per token: the embedding, and, where it is not tied to it, the output head.</summary>
public sealed class TokenMatrix : nn.Module
{
    internal TokenMatrix(int vocab, int width)
        : base(nameof(TokenMatrix)) => register_parameter("weight", Parameters.Empty(vocab, width));

    /// <summary>[vocab, width]</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>The rows of the given tokens.</summary>
    /// <param name="ids">[tokens] int64</param>
    /// <returns>[tokens, width]</returns>
    public Tensor Rows(Tensor ids) => Weight.index_select(0, ids);

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}
