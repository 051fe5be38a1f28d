namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Current.Scope;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Current.Open();

    /// <summary>Evaluates the expression in a scope of its own; only the result survives.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
