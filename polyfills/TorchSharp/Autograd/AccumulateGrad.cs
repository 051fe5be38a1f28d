using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The end of a path: adds what arrives to the gradient of a leaf.</summary>
internal sealed class AccumulateGrad(TensorImpl leaf) : Node
{
    internal override string Name => "AccumulateGrad";

    internal TensorImpl Leaf => leaf;

    internal override Tensor?[] Apply(Tensor?[] grads) => [];

    /// <summary>Adds a gradient; <paramref name="owned"/> says that nobody else will use its memory.</summary>
    internal static void Accumulate(TensorImpl target, Tensor grad, bool owned)
    {
        if (target.Grad is null)
        {
            bool take = owned && !grad.Impl.RequiresGrad && grad.Impl.IsContiguous && grad.Impl.Storage.HasOneUser;
            if (take || GradMode.IsEnabled)
            {
                target.SetGrad(grad.Impl.Hold());
                return;
            }

            using Tensor copy = Copies.Clone(grad, contiguous: true);
            target.SetGrad(copy.Impl.Hold());
            return;
        }

        using var current = new Tensor(target.Grad.Hold());
        if (GradMode.IsEnabled)
        {
            using Tensor sum = current.add(grad);
            target.SetGrad(sum.Impl.Hold());
        }
        else
        {
            Pointwise.AddInto(current, grad);
        }
    }

    protected override void FirstHold() => leaf.Hold();

    protected override void LastRelease() => leaf.Release();
}
