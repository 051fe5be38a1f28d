using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Rows of a [num_embeddings, embedding_dim] table chosen by integer ids of any shape.
/// In the package each read of <see cref="weight"/> makes a new parameter object: to tie a head to the table pass the
/// weight to <see cref="nn.functional"/>.linear, and never register or assign it a second time.
/// </summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;

    internal Embedding(Parameter weight)
        : base(nameof(Embedding)) => this.weight = weight;

    public Parameter? weight
    {
        get => _weight;
        set => Replace(ref _weight, nameof(weight), value ?? throw new ArgumentNullException(nameof(value)));
    }

    public override Tensor forward(Tensor input)
    {
        long width = _weight!.shape[1];
        using Tensor ids = input.reshape(-1);
        using Tensor rows = _weight.index_select(0, ids); // [ids, width]
        return rows.reshape([.. input.shape, width]);
    }

    /// <summary>The property registers itself; the field behind it must not.</summary>
    protected override void RegisterComponents()
    {
    }
}
