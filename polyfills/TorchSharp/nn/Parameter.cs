using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A leaf tensor that modules list and optimizers train.</summary>
public class Parameter : Tensor
{
    /// <summary>
    /// Takes over <paramref name="data"/>, which is invalid afterwards, and its place in a dispose scope: a parameter made
    /// from a tensor of a scope ends with that scope unless it is detached.
    /// </summary>
    public Parameter(Tensor data, bool requires_grad = true)
        : this(data.with_requires_grad(requires_grad), data.OwningScope)
    {
    }

    private Parameter(Tensor data, DisposeScope? scope)
        : base(Leave(data, scope), counted: true)
    {
        scope?.Attach(this);
    }

    private static TensorImpl Leave(Tensor data, DisposeScope? scope)
    {
        scope?.Detach(data);
        return data.MoveImpl();
    }
}
