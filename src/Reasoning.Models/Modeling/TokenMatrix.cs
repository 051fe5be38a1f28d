using Reasoning.Models.Kernels;
using TorchSharp;
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
    public Tensor Rows(Tensor ids) => TokenRows.apply(Weight, ids, this);

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }
}

/// <summary>
/// Selects rows. libtorch's gradient of that is a matrix as large as the whole, zero but for the rows that were selected, which then is
/// added; this adds those rows alone, to the same bits: those of one token are summed first.
/// </summary>
internal sealed class TokenRows : autograd.SingleTensorFunction<TokenRows>
{
    private const string Matrix = "matrix";

    public override string Name => nameof(TokenRows);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var ids = (Tensor)vars[1];
        ctx.save_data(Matrix, vars[2]);
        ctx.save_for_backward([ids]);
        return ((Tensor)vars[0]).index_select(0, ids);
    }

    /// <summary>The gradient is added where it belongs; nothing is handed on.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ids_T = BackwardPass.Saved(ctx)[0];
        (Tensor tokens_N, Tensor? places_T, _) = ids_T.unique(return_inverse: true);
        Tensor rows_ND = zeros(tokens_N.shape[0], grad_output.shape[1], grad_output.dtype, grad_output.device);
        rows_ND.AddRowsInPlace(places_T!, grad_output);
        Parameters.Gradient(((TokenMatrix)ctx.get_data(Matrix)).Weight).AddRowsInPlace(tokens_N, rows_ND);
        return BackwardPass.Return([grad_output], null, null, null);
    }
}
