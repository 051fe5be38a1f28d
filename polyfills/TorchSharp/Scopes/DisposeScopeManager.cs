using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The stack of dispose scopes of one thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? t_instance;

    internal static DisposeScopeManager Current => t_instance ??= new DisposeScopeManager();

    /// <summary>Counters of the calling thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => Current.Counters;

    internal ThreadDisposeScopeStatistics Counters { get; } = new();

    internal DisposeScope? Scope { get; private set; }

    internal DisposeScope Open() => Scope = new DisposeScope(this);

    internal void Close(DisposeScope scope)
    {
        if (ReferenceEquals(Scope, scope))
        {
            Scope = scope.Outer;
            return;
        }

        for (DisposeScope? s = Scope; s is not null; s = s.Outer)
        {
            if (!ReferenceEquals(s.Outer, scope))
                continue;
            s.Outer = scope.Outer;
            return;
        }
    }

    internal DisposeScope? Register(Tensor tensor)
    {
        if (Scope is null)
        {
            Counters.CreatedOutsideScopeCount++;
            return null;
        }

        Counters.CreatedInScopeCount++;
        Scope.Tensors.Add(tensor);
        return Scope;
    }

    internal void CountDisposal(Tensor tensor)
    {
        if (tensor.OwningScope is null)
            Counters.DisposedOutsideScopeCount++;
        else
            Counters.DisposedInScopeCount++;
    }
}
