using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// A step of the recorded computation, seen from its gradient: takes the gradients of its outputs, gives those of its
/// inputs. Held by the tensors it produced and by the steps that consumed them; the last release frees what it saved.
/// </summary>
internal abstract class Node
{
    private static long s_created;

    [ThreadStatic]
    private static Stack<Node>? t_releasing;

    private int _holders;

    protected Node() => Number = Interlocked.Increment(ref s_created);

    internal abstract string Name { get; }

    /// <summary>Grows in the order of recording: later steps are differentiated first.</summary>
    internal long Number { get; }

    /// <summary>For each input where its gradient goes; an empty edge needs none.</summary>
    internal Edge[] Edges { get; set; } = [];

    /// <summary>How many gradients <see cref="Apply"/> takes.</summary>
    internal int Outputs { get; set; } = 1;

    /// <summary>Gradients of the inputs; entries of empty edges are ignored. Runs with recording on only to differentiate again.</summary>
    internal abstract Tensor?[] Apply(Tensor?[] grads);

    /// <summary>Tensors that asked to keep the gradient of an output.</summary>
    internal List<(int Output, WeakReference<TensorImpl> Tensor)>? Retained { get; set; }

    /// <summary>Whether <see cref="Apply"/> runs code of the caller, whose tensors belong to the caller's scope.</summary>
    internal virtual bool RunsUserCode => false;

    internal Node Hold()
    {
        if (Interlocked.Increment(ref _holders) == 1)
            FirstHold();
        return this;
    }

    /// <summary>Chains of any length are released without recursion.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        if (t_releasing is not null)
        {
            t_releasing.Push(this);
            return;
        }

        var pending = new Stack<Node>();
        t_releasing = pending;
        try
        {
            pending.Push(this);
            while (pending.TryPop(out Node? node))
            {
                node.ReleaseSaved();
                node.LastRelease();
                Edge[] edges = node.Edges;
                node.Edges = [];
                foreach (Edge edge in edges)
                    edge.Target?.Release();
            }
        }
        finally
        {
            t_releasing = null;
        }
    }

    /// <summary>Frees the tensors kept for <see cref="Apply"/>; done after a backward pass that does not retain the graph.</summary>
    internal virtual void ReleaseSaved()
    {
    }

    protected virtual void FirstHold()
    {
    }

    protected virtual void LastRelease()
    {
    }
}

/// <summary>Where the gradient of one input goes, and the shape and type it must have there.</summary>
internal readonly struct Edge
{
    internal Edge(Node target, int output, long[] sizes, ScalarType dtype)
    {
        Target = target;
        Output = output;
        Sizes = sizes;
        DType = dtype;
    }

    internal Node? Target { get; }

    internal int Output { get; }

    internal long[] Sizes { get; }

    internal ScalarType DType { get; }
}
