namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Joined([.. tensors], dim, "cat");

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Joined(tensors, dim, "cat");

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Joined(tensors.ToArray(), dim, "cat");

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => Joined([.. tensors], dim, "concat");

    public static Tensor concat(Tensor[] tensors, long dim = 0) => Joined(tensors, dim, "concat");

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Joined(tensors.ToArray(), dim, "concat");

    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => Joined([.. tensors], axis, "concatenate");

    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => Joined(tensors, axis, "concatenate");

    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => Joined(tensors.ToArray(), axis, "concatenate");

    /// <summary>Tensors of one shape along a new axis.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        Tensor[] all = [.. tensors];
        if (all.Length == 0)
            Errors.Throw("stack: no tensors given.");
        foreach (Tensor t in all)
        {
            if (!t.Impl.Sizes.AsSpan().SequenceEqual(all[0].Impl.Sizes))
                Errors.Throw($"stack: shapes {Errors.Text(all[0].Impl.Sizes)} and {Errors.Text(t.Impl.Sizes)} differ.");
        }

        using Arena arena = Arena.Open();
        int axis = Shapes.Axis(dim, all[0].Impl.Rank + 1, "stack");
        return arena.Keep(Joined(Array.ConvertAll(all, t => t.unsqueeze(axis)), axis, "stack"));
    }

    public static Tensor hstack(IList<Tensor> tensors) => Horizontal([.. tensors]);

    public static Tensor hstack(params Tensor[] tensors) => Horizontal(tensors);

    public static Tensor hstack(IEnumerable<Tensor> tensors) => Horizontal([.. tensors]);

    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => Horizontal(tensors.ToArray());

    public static Tensor vstack(IList<Tensor> tensors) => Vertical([.. tensors]);

    public static Tensor vstack(Tensor[] tensors) => Vertical(tensors);

    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => Vertical(tensors.ToArray());

    private static Tensor Horizontal(Tensor[] tensors)
    {
        using Arena arena = Arena.Open();
        Tensor[] all = Array.ConvertAll(tensors, static t => t.atleast_1d());
        return arena.Keep(Joined(all, all[0].ndim == 1 ? 0 : 1, "hstack"));
    }

    private static Tensor Vertical(Tensor[] tensors)
    {
        using Arena arena = Arena.Open();
        return arena.Keep(Joined(Array.ConvertAll(tensors, static t => t.atleast_2d()), 0, "vstack"));
    }

    private static Tensor Joined(Tensor[] tensors, long dim, string call)
    {
        if (tensors.Length == 0)
            Errors.Throw($"{call}: no tensors given.");
        // one-dimensional empty tensors are skipped, as in PyTorch
        Tensor[] parts = Array.FindAll(tensors, static t => !(t.ndim == 1 && t.Impl.Count == 0));
        if (parts.Length == 0)
            parts = [tensors[0]];
        Tensor first = parts[0];
        if (first.ndim == 0)
            Errors.Throw($"{call}: zero-dimensional tensors cannot be joined; use stack.");
        int axis = Shapes.Axis(dim, first.Impl.Rank, call);
        ScalarType type = first.dtype;
        var sizes = first.shape;
        sizes[axis] = 0;
        var lengths = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            TensorImpl impl = parts[i].Impl;
            type = DTypes.Promote(type, impl.DType);
            for (int d = 0; d < sizes.Length; d++)
            {
                if (impl.Rank != sizes.Length || (d != axis && impl.Sizes[d] != sizes[d]))
                    Errors.Throw($"{call}: shapes {Errors.Text(first.Impl.Sizes)} and {Errors.Text(impl.Sizes)} do not fit along axis {axis}.");
            }

            lengths[i] = impl.Sizes[axis];
            sizes[axis] += lengths[i];
        }

        TensorImpl result = TensorImpl.Allocate(sizes, type);
        long start = 0;
        foreach (Tensor part in parts)
        {
            TensorImpl slot = result.View(part.Impl.Sizes, result.Strides, start * result.Strides[axis]);
            Copies.Into(slot, part.Impl);
            slot.Release();
            start += part.Impl.Sizes[axis];
        }

        var r = new Tensor(result);
        if (!Graph.Records(parts))
            return r;
        return Graph.Record(r, "CatBackward", parts, [], static (n, g) =>
        {
            (int axis, long[] lengths) = ((int, long[]))n.Data!;
            var grads = new Tensor?[lengths.Length];
            long start = 0;
            for (int i = 0; i < grads.Length; i++)
            {
                if (n.Needs(i))
                    grads[i] = g.narrow(axis, start, lengths[i]);
                start += lengths[i];
            }

            return grads;
        }, (axis, lengths));
    }
}
