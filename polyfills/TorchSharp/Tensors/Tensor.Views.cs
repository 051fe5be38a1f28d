namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor T => ndim == 2 ? transpose(0, 1) : permute([.. Enumerable.Range(0, (int)ndim).Reverse().Select(d => (long)d)]);

        public Tensor mT => transpose(-2, -1);

        /// <summary>The same memory under another shape; throws if the strides do not allow it.</summary>
        public Tensor view(params long[] shape)
        {
            long[] sizes = Shapes.Infer(shape, Impl.Count, "view");
            long[]? strides = Shapes.ViewStrides(Impl.Sizes, Impl.Strides, sizes);
            if (strides is null)
            {
                Errors.Throw(
                    $"view: shape {Errors.Text(sizes)} is not compatible with sizes {Errors.Text(Impl.Sizes)} and strides {Errors.Text(Impl.Strides)}; use reshape.");
            }

            return ReshapedView(sizes, strides!);
        }

        public Tensor view_as(Tensor other) => view(other.Impl.Sizes);

        /// <summary>Another shape, as a view where possible, otherwise as a copy.</summary>
        public Tensor reshape(params long[] shape)
        {
            long[] sizes = Shapes.Infer(shape, Impl.Count, "reshape");
            long[]? strides = Shapes.ViewStrides(Impl.Sizes, Impl.Strides, sizes);
            if (strides is not null)
                return ReshapedView(sizes, strides);
            using Arena arena = Arena.Open();
            return arena.Keep(contiguous().ReshapedView(sizes, Shapes.RowMajor(sizes)));
        }

        public Tensor flatten(long start_dim = 0, long end_dim = -1)
        {
            int rank = Impl.Rank;
            if (rank == 0)
                return reshape(1);
            int first = Shapes.Axis(start_dim, rank, "flatten"), last = Shapes.Axis(end_dim, rank, "flatten");
            if (first > last)
                Errors.Throw($"flatten: start_dim {first} comes after end_dim {last}.");
            long[] sizes = Impl.Sizes;
            return reshape([.. sizes[..first], Shapes.Count(sizes.AsSpan(first, last - first + 1)), .. sizes[(last + 1)..]]);
        }

        public Tensor ravel() => reshape(-1);

        public Tensor unflatten(long dim, params long[] sizes)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "unflatten");
            long[] inner = Shapes.Infer(sizes, Impl.Sizes[axis], "unflatten");
            return view([.. Impl.Sizes[..axis], .. inner, .. Impl.Sizes[(axis + 1)..]]);
        }

        public Tensor transpose(long dim0, long dim1)
        {
            int a = Shapes.Axis(dim0, Impl.Rank, "transpose"), b = Shapes.Axis(dim1, Impl.Rank, "transpose");
            TensorImpl impl = Impl;
            var sizes = (long[])impl.Sizes.Clone();
            var strides = (long[])impl.Strides.Clone();
            if (impl.Rank > 0)
            {
                (sizes[a], sizes[b]) = (sizes[b], sizes[a]);
                (strides[a], strides[b]) = (strides[b], strides[a]);
            }

            return MakeView(sizes, strides, impl.Offset, "TransposeBackward", (a, b), static (n, g) =>
            {
                (int a, int b) = ((int, int))n.Data!;
                return [g.transpose(a, b)];
            });
        }

        public Tensor t() => ndim switch
        {
            < 2 => alias(),
            2 => transpose(0, 1),
            _ => throw Errors.Native($"t: expects at most 2 dimensions, the tensor has {ndim}."),
        };

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor permute(params long[] permutation)
        {
            TensorImpl impl = Impl;
            if (permutation.Length != impl.Rank)
                Errors.Throw($"permute: {permutation.Length} axes given for a tensor of {impl.Rank} dimensions.");
            var sizes = new long[impl.Rank];
            var strides = new long[impl.Rank];
            var inverse = new long[impl.Rank];
            Array.Fill(inverse, -1);
            for (int d = 0; d < permutation.Length; d++)
            {
                int axis = Shapes.Axis(permutation[d], impl.Rank, "permute");
                if (inverse[axis] >= 0)
                    Errors.Throw($"permute: axis {axis} appears more than once.");
                inverse[axis] = d;
                sizes[d] = impl.Sizes[axis];
                strides[d] = impl.Strides[axis];
            }

            return MakeView(sizes, strides, impl.Offset, "PermuteBackward", inverse, static (n, g) => [g.permute((long[])n.Data!)]);
        }

        public Tensor permute(IEnumerable<long> permutation) => permute([.. permutation]);

        public Tensor movedim(long[] source, long[] destination)
        {
            int rank = Impl.Rank;
            if (source.Length != destination.Length)
                Errors.Throw($"movedim: {source.Length} source axes but {destination.Length} destinations.");
            var order = new long[rank];
            Array.Fill(order, -1);
            var moved = new bool[rank];
            for (int i = 0; i < source.Length; i++)
            {
                int from = Shapes.Axis(source[i], rank, "movedim");
                order[Shapes.Axis(destination[i], rank, "movedim")] = from;
                moved[from] = true;
            }

            int next = 0;
            for (int d = 0; d < rank; d++)
            {
                if (order[d] >= 0)
                    continue;
                while (moved[next])
                    next++;
                order[d] = next++;
            }

            return permute(order);
        }

        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        public Tensor unsqueeze(long dim)
        {
            TensorImpl impl = Impl;
            int axis = Shapes.Axis(dim, impl.Rank + 1, "unsqueeze");
            long stride = axis < impl.Rank ? impl.Sizes[axis] * impl.Strides[axis] : 1;
            return MakeView(
                [.. impl.Sizes[..axis], 1, .. impl.Sizes[axis..]],
                [.. impl.Strides[..axis], stride, .. impl.Strides[axis..]],
                impl.Offset,
                "UnsqueezeBackward",
                axis,
                static (n, g) => [g.squeeze((int)n.Data!)]);
        }

        public Tensor unsqueeze_(long dim) => Reshape_(unsqueeze(dim));

        /// <summary>Without the axes of length one, or without the given one if its length is one.</summary>
        public Tensor squeeze(long? dim = null)
        {
            TensorImpl impl = Impl;
            int only = dim is { } d ? Shapes.Axis(d, impl.Rank, "squeeze") : -1;
            var sizes = new List<long>(impl.Rank);
            var strides = new List<long>(impl.Rank);
            for (int i = 0; i < impl.Rank; i++)
            {
                if (impl.Sizes[i] == 1 && (only < 0 || only == i))
                    continue;
                sizes.Add(impl.Sizes[i]);
                strides.Add(impl.Strides[i]);
            }

            return MakeView([.. sizes], [.. strides], impl.Offset, "SqueezeBackward", null, static (n, g) => [g.reshape(n.InputSizes(0))]);
        }

        public Tensor squeeze_(long? dim = null) => Reshape_(squeeze(dim));

        public Tensor transpose_(long dim0, long dim1) => Reshape_(transpose(dim0, dim1));

        /// <summary>Repeats axes of length one without copying; −1 keeps a length.</summary>
        public Tensor expand(params long[] sizes)
        {
            TensorImpl impl = Impl;
            var target = (long[])sizes.Clone();
            int lead = target.Length - impl.Rank;
            if (lead < 0)
                Errors.Throw($"expand: {target.Length} sizes given for a tensor of {impl.Rank} dimensions.");
            for (int d = 0; d < target.Length; d++)
            {
                long own = d < lead ? 1 : impl.Sizes[d - lead];
                if (target[d] == -1 && d >= lead)
                    target[d] = own;
                else if (target[d] < 0 || (own != 1 && own != target[d]))
                    Errors.Throw($"expand: {Errors.Text(impl.Sizes)} cannot be expanded to {Errors.Text(sizes)}.");
            }

            // the engine sums the gradient over the repeated axes
            return MakeView(target, Shapes.ExpandStrides(impl.Sizes, impl.Strides, target), impl.Offset, "ExpandBackward", null, static (_, g) => [g]);
        }

        public Tensor expand(long[] sizes, bool isImplicit = false) => expand(sizes);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray());

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape);

        public Tensor expand_as(Tensor other) => expand(other.Impl.Sizes);

        public Tensor broadcast_to(params long[] shape) => expand(shape);

        /// <summary>Another handle to the same elements.</summary>
        public Tensor alias() => MakeView(Impl.Sizes, Impl.Strides, Impl.Offset, "AliasBackward", null, static (_, g) => [g]);

        /// <summary>Any geometry over the same storage; has no gradient here.</summary>
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L)
        {
            if (Graph.Records(this))
                throw Errors.Unsupported("as_strided", "the gradient is not part of the embedded backend; use narrow, select, transpose or expand.");
            long last = storageOffset;
            for (int d = 0; d < size.Length; d++)
                last += (size[d] - 1) * strides[d];
            if (size.Length != strides.Length || storageOffset < 0 || Array.Exists(strides, static s => s < 0) ||
                (Shapes.Count(size) > 0 && (last + 1) * Impl.ItemSize > Impl.Storage.Bytes))
            {
                Errors.Throw($"as_strided: sizes {Errors.Text(size)}, strides {Errors.Text(strides)}, offset {storageOffset} do not fit the storage.");
            }

            return new Tensor(Impl.View((long[])size.Clone(), (long[])strides.Clone(), storageOffset));
        }

        internal Tensor SumToShape(long[] sizes)
        {
            using Arena arena = Arena.Open();
            int lead = Impl.Rank - sizes.Length;
            long[] dims = [.. Enumerable.Range(0, Impl.Rank).Where(d => d < lead || (sizes[d - lead] == 1 && Impl.Sizes[d] != 1)).Select(d => (long)d)];
            return arena.Keep(sum(dims, keepdim: true).ReshapedView(sizes, Shapes.RowMajor(sizes)));
        }

        private Tensor ReshapedView(long[] sizes, long[] strides) =>
            MakeView(sizes, strides, Impl.Offset, "ViewBackward", null, static (n, g) => [g.reshape(n.InputSizes(0))]);

        private Tensor MakeView(long[] sizes, long[] strides, long offset, string name, object? data, Func<OpNode, Tensor, Tensor?[]> formula)
        {
            TensorImpl impl = Impl;
            TensorImpl view = impl.View(sizes, strides, offset);
            if (!Graph.Records(this))
                return new Tensor(view);
            _ = Graph.TargetOf(impl);
            view.SetViewBase(impl.ViewBase ?? impl);
            return Graph.Record(new Tensor(view), name, [this], [], formula, data);
        }

        /// <summary>Gives this tensor the geometry of a view of it.</summary>
        private Tensor Reshape_(Tensor view)
        {
            if (GradMode.IsEnabled && Impl.RequiresGradLeaf)
                Errors.Throw("A leaf that requires a gradient cannot be modified in place outside of no_grad.");
            Impl.Reshape(view.Impl.Sizes, view.Impl.Strides);
            if (view.Impl.GradFunction is not null)
                Impl.SetFunction(view.Impl.GradFunction, view.Impl.OutputNumber);
            view.Dispose();
            return this;
        }
    }
}
