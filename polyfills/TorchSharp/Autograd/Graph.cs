using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Records operations.</summary>
internal static class Graph
{
    internal static bool Records(Tensor a) => GradMode.IsEnabled && a.Impl.RequiresGrad;

    internal static bool Records(Tensor a, Tensor b) => GradMode.IsEnabled && (a.Impl.RequiresGrad || b.Impl.RequiresGrad);

    internal static bool Records(Tensor a, Tensor b, Tensor c) =>
        GradMode.IsEnabled && (a.Impl.RequiresGrad || b.Impl.RequiresGrad || c.Impl.RequiresGrad);

    internal static bool Records(ReadOnlySpan<Tensor> inputs)
    {
        if (!GradMode.IsEnabled)
            return false;
        foreach (Tensor input in inputs)
        {
            if (input.Impl.RequiresGrad)
                return true;
        }

        return false;
    }

    /// <summary>Attaches a step with one output. Call only if <see cref="Records(Tensor)"/> says so.</summary>
    internal static Tensor Record(
        Tensor result,
        string name,
        ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> saved,
        Func<OpNode, Tensor, Tensor?[]> formula,
        object? data = null)
    {
        var slots = new SavedTensor?[saved.Length];
        result.Impl.SetFunction(new OpNode(name, slots, data, formula) { Edges = EdgesOf(inputs) }, 0);
        for (int i = 0; i < saved.Length; i++)
        {
            if (saved[i] is { } tensor)
                slots[i] = new SavedTensor(tensor, ReferenceEquals(tensor, result));
        }

        return result;
    }

    internal static Tensor[] RecordMany(
        Tensor[] results,
        string name,
        ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> saved,
        Func<OpNode, Tensor?[], Tensor?[]> formula,
        object? data = null)
    {
        var slots = new SavedTensor?[saved.Length];
        var node = new OpNode(name, slots, data, formula) { Edges = EdgesOf(inputs), Outputs = results.Length };
        for (int i = 0; i < results.Length; i++)
            results[i].Impl.SetFunction(node, i);
        for (int i = 0; i < saved.Length; i++)
        {
            if (saved[i] is { } tensor)
                slots[i] = new SavedTensor(tensor, Array.IndexOf(results, tensor) >= 0);
        }

        return results;
    }

    internal static Edge[] EdgesOf(ReadOnlySpan<Tensor> inputs)
    {
        var edges = new Edge[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            edges[i] = EdgeOf(inputs[i].Impl);
        return edges;
    }

    private static Edge EdgeOf(TensorImpl impl)
    {
        Node? target = TargetOf(impl);
        return target is null ? default : new Edge(target.Hold(), impl.GradFunction is null ? 0 : impl.OutputNumber, impl.Sizes, impl.DType);
    }

    /// <summary>The step that receives the gradient of a tensor; null if it needs none.</summary>
    internal static Node? TargetOf(TensorImpl impl)
    {
        if (impl.GradFunction is { } function)
        {
            if (impl.ViewBase is { } source && !ReferenceEquals(source.GradFunction, impl.ViewBaseFunction))
            {
                throw new NotSupportedException(
                    $"A view {Errors.Text(impl.Sizes)} is used for gradients after the tensor it was taken from was modified in place; take the view again.");
            }

            return function;
        }

        return impl.RequiresGradLeaf ? impl.Accumulator ??= new AccumulateGrad(impl) : null;
    }
}
