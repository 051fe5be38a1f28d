using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Disposes, when it is itself disposed, every tensor created on this thread while it was the innermost scope, except those
/// moved or detached.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager? _manager;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        Outer = manager.Scope;
    }

    internal DisposeScope? Outer { get; set; }

    internal bool IsDisposed => _manager is null;

    internal HashSet<IDisposable> Tensors { get; private set; } = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            _ = Manager;
            return [.. Tensors];
        }
    }

    public int DisposablesCount
    {
        get
        {
            _ = Manager;
            return Tensors.Count;
        }
    }

    private DisposeScopeManager Manager => _manager ?? throw new ObjectDisposedException(nameof(DisposeScope));

    public bool Contains(IDisposable disposable) => Tensors.Contains(disposable);

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        MoveToOther(Outer, [disposable]);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        MoveToOther(Outer, [first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        MoveToOther(Outer, [first, second, third]);
        return (first, second, third);
    }

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(Outer, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        MoveToOther(scope, [disposable]);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        MoveToOther(scope, [first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        MoveToOther(scope, [first, second, third]);
        return (first, second, third);
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        _ = Manager;
        if (scope is null)
        {
            Detach(disposables);
            return;
        }

        foreach (IDisposable disposable in disposables)
        {
            if (Tensors.Contains(disposable))
                scope.Adopt(disposable);
        }
    }

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Detach([disposable]);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        Detach([first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        Detach([first, second, third]);
        return (first, second, third);
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        DisposeScopeManager manager = Manager;
        foreach (IDisposable disposable in disposables)
        {
            if (!Tensors.Remove(disposable))
                continue;
            manager.Counters.DetachedFromScopeCount++;
            ((Tensor)disposable).OwningScope = null;
        }
    }

    public void Attach(IDisposable disposable) => Attach((IEnumerable<IDisposable>)[disposable]);

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        DisposeScopeManager manager = Manager;
        var result = new List<IDisposable>();
        foreach (IDisposable disposable in disposables)
        {
            if (Adopt(disposable))
                manager.Counters.AttachedToScopeCount++;
            result.Add(disposable);
        }

        return result;
    }

    public void DisposeEverything() => DisposeEverythingBut((IEnumerable<IDisposable>)[]);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        _ = Manager;
        HashSet<IDisposable> old = Tensors;
        Tensors = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (IDisposable disposable in old)
        {
            if (!Tensors.Contains(disposable))
                disposable.Dispose();
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        _ = Manager;
        Tensors.Remove(disposable);
        if (disposable is Tensor tensor)
            tensor.OwningScope = null;
    }

    public void Dispose()
    {
        if (_manager is null)
            return;
        DisposeEverything();
        _manager.Close(this);
        _manager = null;
    }

    /// <summary>Lets <paramref name="replacement"/> take the place of a tensor whose memory it took over.</summary>
    internal static void Replace(Tensor original, Tensor replacement)
    {
        DisposeScope? scope = original.OwningScope;
        if (scope is null || !scope.Tensors.Remove(original))
            return;
        original.OwningScope = null;
        scope.Adopt(replacement);
    }

    private bool Adopt(IDisposable disposable)
    {
        if (disposable is not Tensor tensor)
            throw new InvalidOperationException("A dispose scope manages tensors only.");
        DisposeScope? old = tensor.OwningScope;
        if (ReferenceEquals(old, this))
            return false;
        Tensors.Add(tensor);
        old?.Tensors.Remove(tensor);
        tensor.OwningScope = this;
        return true;
    }
}
