using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// One backward pass. Steps run in the reverse order of their recording, which is a topological order; a leaf receives
/// the sum of all that flows into it as soon as the last part has arrived.
/// </summary>
internal sealed class Engine
{
    private readonly Dictionary<Node, Work> _work = [];
    private readonly Dictionary<(Node Node, int Output), int>? _captures;
    private readonly Tensor?[] _captured;
    private readonly bool _retain;

    private Engine(IList<Tensor>? inputs, bool retain)
    {
        _retain = retain;
        _captured = new Tensor?[inputs?.Count ?? 0];
        if (inputs is null)
            return;
        _captures = [];
        for (int i = 0; i < inputs.Count; i++)
        {
            TensorImpl impl = inputs[i].Impl;
            Node? target = Graph.TargetOf(impl);
            if (target is null)
                Errors.Throw($"autograd: input {i} does not require a gradient.");
            if (!_captures.TryAdd((target!, impl.GradFunction is null ? 0 : impl.OutputNumber), i))
                Errors.Throw($"autograd: input {i} is listed twice.");
        }
    }

    /// <summary>Differentiates the roots. With inputs, returns their gradients (null where no path leads) and leaves all else untouched.</summary>
    internal static Tensor?[] Run(IList<Tensor> roots, IList<Tensor?>? grads, IList<Tensor>? inputs, bool retain, bool createGraph)
    {
        var engine = new Engine(inputs, retain);
        using var mode = new GradMode(createGraph);
        try
        {
            engine.Seed(roots, grads);
            foreach (Node node in engine.Plan(roots))
                engine.Step(node);
            return engine._captured;
        }
        finally
        {
            foreach (Work work in engine._work.Values)
                work.Dispose();
        }
    }

    private void Seed(IList<Tensor> roots, IList<Tensor?>? grads)
    {
        for (int i = 0; i < roots.Count; i++)
        {
            TensorImpl impl = roots[i].Impl;
            Node? target = Graph.TargetOf(impl);
            if (target is null)
                Errors.Throw($"backward: tensor {i} does not require a gradient and has no step that produced it.");
            Tensor? grad = grads is not null && i < grads.Count ? grads[i] : null;
            if (grad is null && impl.Count != 1)
                Errors.Throw($"backward: a gradient can be left out only for a tensor of one element; this one has shape {Errors.Text(impl.Sizes)}.");
            if (grad is not null && !grad.Impl.Sizes.AsSpan().SequenceEqual(impl.Sizes))
                Errors.Throw($"backward: the gradient has shape {Errors.Text(grad.Impl.Sizes)}, the tensor {Errors.Text(impl.Sizes)}.");
            Tensor seed;
            using (Arena.Open())
            {
                seed = grad is null
                    ? Arena.Remove(Fill.Full(impl.Sizes, 1.0, impl.DType))
                    : Tensor.Floating(grad.Impl.Hold());
            }

            int output = impl.GradFunction is null ? 0 : impl.OutputNumber;
            WorkOf(target!).Add(output, seed, adopted: false);
        }
    }

    /// <summary>All steps that must run, latest first.</summary>
    private List<Node> Plan(IList<Tensor> roots)
    {
        var found = new List<Node>();
        var seen = new HashSet<Node>();
        var pending = new Stack<Node>();
        foreach (Tensor root in roots)
        {
            Node target = Graph.TargetOf(root.Impl)!;
            WorkOf(target).Expected++;
            WorkOf(target).Arrived++;
            if (seen.Add(target))
                pending.Push(target);
        }

        while (pending.TryPop(out Node? node))
        {
            found.Add(node);
            foreach (Edge edge in node.Edges)
            {
                if (edge.Target is { } target && seen.Add(target))
                    pending.Push(target);
            }
        }

        found.Sort(static (a, b) => a is AccumulateGrad == b is AccumulateGrad
            ? b.Number.CompareTo(a.Number)
            : a is AccumulateGrad ? 1 : -1);

        if (_captures is null)
        {
            foreach (Node node in found)
            {
                Work work = WorkOf(node);
                work.Runs = work.IsNeeded = true;
            }
        }
        else
        {
            for (int i = found.Count - 1; i >= 0; i--)
                MarkNeeded(found[i]);
        }

        foreach (Node node in found)
        {
            if (!WorkOf(node).Runs)
                continue;
            foreach (Edge edge in node.Edges)
            {
                if (edge.Target is { } target && WorkOf(target).IsNeeded)
                    WorkOf(target).Expected++;
            }
        }

        return found;
    }

    private void MarkNeeded(Node node)
    {
        Work work = WorkOf(node);
        foreach (Edge edge in node.Edges)
            work.Runs |= edge.Target is { } target && WorkOf(target).IsNeeded;
        work.IsNeeded = work.Runs;
        for (int output = 0; output < node.Outputs && !work.IsNeeded; output++)
            work.IsNeeded = _captures!.ContainsKey((node, output));
    }

    private void Step(Node node)
    {
        Work work = WorkOf(node);
        if (!work.IsNeeded)
            return;
        if (node is AccumulateGrad leaf)
        {
            Finish(leaf, work);
            return;
        }

        Capture(node, work);
        if (work.Runs)
        {
            if (work.HasAny)
                Differentiate(node, work);
            else
                Skip(node);
        }

        work.Dispose();
    }

    private void Differentiate(Node node, Work work)
    {
        using Arena arena = Arena.Open();
        long before = Tensor.CreatedByThread;
        Tensor?[] results;
        if (node.RunsUserCode)
        {
            using (Arena.Suspend())
                results = node.Apply(work.Grads);
        }
        else
        {
            results = node.Apply(work.Grads);
        }

        if (!_retain)
            node.ReleaseSaved();
        for (int i = 0; i < node.Edges.Length; i++)
        {
            Edge edge = node.Edges[i];
            if (edge.Target is null || !WorkOf(edge.Target).IsNeeded)
                continue;
            Tensor? result = results[i];
            if (result is not null && !result.IsInvalid)
            {
                bool adopted = node.RunsUserCode && result.CreationNumber >= before && IsFresh(results, i);
                Tensor grad = Conform(node, edge, result);
                Tensor floating = Arena.Owns(grad) ? Arena.Remove(grad) : Tensor.Floating(grad.Impl.Hold());
                WorkOf(edge.Target).Add(edge.Output, floating, adopted && ReferenceEquals(grad, result));
            }

            Arrive(edge.Target);
        }
    }

    /// <summary>A step that received nothing passes nothing on.</summary>
    private void Skip(Node node)
    {
        foreach (Edge edge in node.Edges)
        {
            if (edge.Target is { } target && WorkOf(target).IsNeeded)
                Arrive(target);
        }
    }

    /// <summary>Whether a tensor made by user code is seen by nobody but its creator, once.</summary>
    private static bool IsFresh(Tensor?[] results, int index)
    {
        TensorImpl impl = results[index]!.Impl;
        if (!impl.HasOneHolder || !impl.Storage.HasOneUser || impl.RequiresGrad)
            return false;
        for (int i = 0; i < results.Length; i++)
        {
            if (i != index && results[i] is { IsInvalid: false } other && ReferenceEquals(other.Impl, impl))
                return false;
        }

        return true;
    }

    private static Tensor Conform(Node node, Edge edge, Tensor grad)
    {
        if (!grad.Impl.Sizes.AsSpan().SequenceEqual(edge.Sizes))
        {
            if (!Shapes.CanExpand(edge.Sizes, grad.Impl.Sizes))
            {
                Errors.Throw(
                    $"{node.Name} returned a gradient of shape {Errors.Text(grad.Impl.Sizes)} for an input of shape {Errors.Text(edge.Sizes)}.");
            }

            grad = Reduce.SumTo(grad, edge.Sizes);
        }

        return grad.dtype == edge.DType ? grad : grad.to_type(edge.DType);
    }

    private void Arrive(Node target)
    {
        Work work = WorkOf(target);
        work.Arrived++;
        if (target is AccumulateGrad leaf && work.Arrived == work.Expected)
            Finish(leaf, work);
    }

    private void Finish(AccumulateGrad leaf, Work work)
    {
        if (work.IsFinished || work.Arrived < work.Expected)
            return;
        work.IsFinished = true;
        if (!work.HasAny)
            return;
        if (_captures is null)
            AccumulateGrad.Accumulate(leaf.Leaf, work.Grads[0]!, work.Adopted[0] || work.Grads[0]!.Impl.HasOneHolder);
        else
            Capture(leaf, work);
        work.Dispose();
    }

    private void Capture(Node node, Work work)
    {
        if (_captures is not null)
        {
            for (int output = 0; output < work.Grads.Length; output++)
            {
                if (work.Grads[output] is { } grad && _captures.TryGetValue((node, output), out int index))
                    _captured[index] = Tensor.Floating(grad.Impl.Hold());
            }
        }

        if (node.Retained is null)
            return;
        foreach ((int output, WeakReference<TensorImpl> reference) in node.Retained)
        {
            if (work.Grads[output] is { } grad && reference.TryGetTarget(out TensorImpl? impl) && ReferenceEquals(impl.GradFunction, node))
                AccumulateGrad.Accumulate(impl, grad, owned: false);
        }
    }

    private Work WorkOf(Node node)
    {
        if (_work.TryGetValue(node, out Work? work))
            return work;
        return _work[node] = new Work(node.Outputs);
    }

    /// <summary>What has arrived at one step.</summary>
    private sealed class Work(int outputs)
    {
        internal Tensor?[] Grads { get; } = new Tensor?[outputs];

        internal bool[] Adopted { get; } = new bool[outputs];

        internal int Expected { get; set; }

        internal int Arrived { get; set; }

        /// <summary>The gradient arriving here matters.</summary>
        internal bool IsNeeded { get; set; }

        /// <summary>The step itself must be differentiated.</summary>
        internal bool Runs { get; set; }

        internal bool IsFinished { get; set; }

        internal bool HasAny => Array.Exists(Grads, static g => g is not null);

        /// <summary>Adds a gradient that this object disposes; in place when nobody else can see the memory.</summary>
        internal void Add(int output, Tensor grad, bool adopted)
        {
            Tensor? sum = Grads[output];
            if (sum is null)
            {
                Grads[output] = grad;
                Adopted[output] = adopted;
                return;
            }

            if (GradMode.IsEnabled)
            {
                using (Arena.Open())
                    Grads[output] = Arena.Remove(sum.add(grad));
                sum.Dispose();
            }
            else if ((Adopted[output] || sum.Impl.HasOneHolder) && sum.Impl.Storage.HasOneUser && Shapes.IsDense(sum.Impl.Sizes, sum.Impl.Strides))
            {
                Pointwise.AddInto(sum, grad);
            }
            else
            {
                using (Arena.Open())
                    Grads[output] = Arena.Remove(sum.add(grad));
                Adopted[output] = false;
                sum.Dispose();
            }

            grad.Dispose();
        }

        internal void Dispose()
        {
            for (int i = 0; i < Grads.Length; i++)
            {
                Grads[i]?.Dispose();
                Grads[i] = null;
            }
        }
    }
}
