namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Elements start … start + length − 1 of an axis, as a view.</summary>
        public Tensor narrow(long dim, long start, long length)
        {
            TensorImpl impl = Impl;
            int axis = Shapes.Axis(dim, impl.Rank, "narrow");
            if (impl.Rank == 0)
                Errors.Throw("narrow: the tensor has no axes.");
            long size = impl.Sizes[axis];
            if (start < 0)
                start += size;
            if (start < 0 || length < 0 || start + length > size)
                Errors.Throw($"narrow: start {start} and length {length} exceed axis {axis} of length {size}.");
            return SliceView(axis, start, length, 1);
        }

        /// <summary>Every step-th element from start up to, not including, finish; bounds are clipped.</summary>
        public Tensor slice(long dim, long start, long finish, long step)
        {
            TensorImpl impl = Impl;
            int axis = Shapes.Axis(dim, impl.Rank, "slice");
            if (impl.Rank == 0)
                Errors.Throw("slice: the tensor has no axes.");
            if (step <= 0)
                Errors.Throw($"slice: the step must be positive, not {step}.");
            long size = impl.Sizes[axis];
            start = Math.Clamp(start < 0 ? start + size : start, 0, size);
            finish = Math.Clamp(finish < 0 ? finish + size : finish, start, size);
            return SliceView(axis, start, (finish - start + step - 1) / step, step);
        }

        /// <summary>One element of an axis; the axis disappears.</summary>
        public Tensor select(long dim, long index)
        {
            TensorImpl impl = Impl;
            if (impl.Rank == 0)
                Errors.Throw("select: the tensor has no axes.");
            int axis = Shapes.Axis(dim, impl.Rank, "select");
            long size = impl.Sizes[axis];
            if (index < -size || index >= size)
                Errors.Throw($"select: index {index} is out of range for axis {axis} of length {size}.");
            if (index < 0)
                index += size;
            return MakeView(
                [.. impl.Sizes[..axis], .. impl.Sizes[(axis + 1)..]],
                [.. impl.Strides[..axis], .. impl.Strides[(axis + 1)..]],
                impl.Offset + index * impl.Strides[axis],
                "SelectBackward",
                (axis, index),
                static (n, g) =>
                {
                    (int axis, long index) = ((int, long))n.Data!;
                    return [Embed(n.InputSizes(0), g.unsqueeze(axis), axis, index, 1)];
                });
        }

        /// <summary>Pieces of the given size along an axis, the last one possibly smaller.</summary>
        public Tensor[] split(long size, int dim = 0)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "split");
            if (size <= 0)
                Errors.Throw($"split: the size must be positive, not {size}.");
            long total = Impl.Sizes[axis];
            var sizes = new long[Math.Max(1, (total + size - 1) / size)];
            for (int i = 0; i < sizes.Length; i++)
                sizes[i] = Math.Min(size, total - i * size);
            return split(sizes, axis);
        }

        public Tensor[] split(params long[] sizes) => split(sizes, 0L);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => split(sizes.ToArray(), dim);

        public Tensor[] split(long[] sizes, long dim = 0)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "split");
            if (sizes.Sum() != Impl.Sizes[axis])
                Errors.Throw($"split: sizes {Errors.Text(sizes)} do not add up to the length {Impl.Sizes[axis]} of axis {axis}.");
            var pieces = new Tensor[sizes.Length];
            long start = 0;
            bool records = Graph.Records(this);
            using (new GradMode(false))
            {
                for (int i = 0; i < sizes.Length; i++)
                {
                    pieces[i] = SliceView(axis, start, sizes[i], 1);
                    start += sizes[i];
                }
            }

            if (!records)
                return pieces;
            foreach (Tensor piece in pieces)
                piece.Impl.SetViewBase(Impl.ViewBase ?? Impl);
            var kept = (long[])sizes.Clone();
            return Graph.RecordMany(pieces, "SplitBackward", [this], [], static (n, grads) =>
            {
                (int axis, long[] sizes, ScalarType dtype) = ((int, long[], ScalarType))n.Data!;
                var parts = new Tensor[grads.Length];
                for (int i = 0; i < parts.Length; i++)
                {
                    long[] shape = (long[])n.InputSizes(0).Clone();
                    shape[axis] = sizes[i];
                    parts[i] = grads[i] ?? Fill.Zeros(shape, dtype);
                }

                return [cat(parts, axis)];
            }, (axis, kept, dtype));
        }

        /// <summary>At most <paramref name="chunks"/> pieces of equal size along an axis.</summary>
        public Tensor[] chunk(long chunks, long dim = 0)
        {
            if (chunks <= 0)
                Errors.Throw($"chunk: the number of chunks must be positive, not {chunks}.");
            int axis = Shapes.Axis(dim, Impl.Rank, "chunk");
            return split(Math.Max(1, (Impl.Sizes[axis] + chunks - 1) / chunks), axis);
        }

        public Tensor[] tensor_split(long size, long dim = 0)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "tensor_split");
            if (size <= 0)
                Errors.Throw($"tensor_split: the number of sections must be positive, not {size}.");
            (long each, long extra) = Math.DivRem(Impl.Sizes[axis], size);
            var sizes = new long[size];
            for (int i = 0; i < size; i++)
                sizes[i] = each + (i < extra ? 1 : 0);
            return split(sizes, axis);
        }

        /// <summary>The slices of an axis, each without it.</summary>
        public Tensor[] unbind(long dimension = 0)
        {
            int axis = Shapes.Axis(dimension, Impl.Rank, "unbind");
            if (Impl.Rank == 0)
                Errors.Throw("unbind: the tensor has no axes.");
            var pieces = new Tensor[Impl.Sizes[axis]];
            bool records = Graph.Records(this);
            using (new GradMode(false))
            {
                for (int i = 0; i < pieces.Length; i++)
                    pieces[i] = select(axis, i);
            }

            if (!records)
                return pieces;
            foreach (Tensor piece in pieces)
                piece.Impl.SetViewBase(Impl.ViewBase ?? Impl);
            return Graph.RecordMany(pieces, "UnbindBackward", [this], [], static (n, grads) =>
            {
                (int axis, ScalarType dtype) = ((int, ScalarType))n.Data!;
                long[] sizes = n.InputSizes(0);
                long[] shape = [.. sizes[..axis], .. sizes[(axis + 1)..]];
                var parts = new Tensor[grads.Length];
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = grads[i] ?? Fill.Zeros(shape, dtype);
                return [stack(parts, axis)];
            }, (axis, dtype));
        }

        /// <summary>The diagonal of the last two axes of a matrix, as a view.</summary>
        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L)
        {
            TensorImpl impl = Impl;
            int a = Shapes.Axis(dim1, impl.Rank, "diagonal"), b = Shapes.Axis(dim2, impl.Rank, "diagonal");
            if (a == b)
                Errors.Throw("diagonal: the two axes must differ.");
            long length = offset >= 0
                ? Math.Min(impl.Sizes[a], impl.Sizes[b] - offset)
                : Math.Min(impl.Sizes[a] + offset, impl.Sizes[b]);
            length = Math.Max(length, 0);
            long start = impl.Offset + (offset >= 0 ? offset * impl.Strides[b] : -offset * impl.Strides[a]);
            var sizes = new List<long>();
            var strides = new List<long>();
            for (int d = 0; d < impl.Rank; d++)
            {
                if (d == a || d == b)
                    continue;
                sizes.Add(impl.Sizes[d]);
                strides.Add(impl.Strides[d]);
            }

            sizes.Add(length);
            strides.Add(impl.Strides[a] + impl.Strides[b]);
            return MakeView([.. sizes], [.. strides], length == 0 ? impl.Offset : start, "DiagonalBackward", (offset, a, b), static (n, g) =>
            {
                n.FirstOrderOnly();
                (long offset, int a, int b) = ((long, int, int))n.Data!;
                Tensor full = Fill.Zeros(n.InputSizes(0), g.dtype);
                full.diagonal(offset, a, b).copy_(g);
                return [full];
            });
        }

        private Tensor SliceView(int axis, long start, long length, long step)
        {
            TensorImpl impl = Impl;
            var sizes = (long[])impl.Sizes.Clone();
            var strides = (long[])impl.Strides.Clone();
            sizes[axis] = length;
            strides[axis] *= step;
            return MakeView(sizes, strides, impl.Offset + (length == 0 ? 0 : start * impl.Strides[axis]), "SliceBackward", (axis, start, step), static (n, g) =>
            {
                (int axis, long start, long step) = ((int, long, long))n.Data!;
                return [Embed(n.InputSizes(0), g, axis, start, step)];
            });
        }

        /// <summary>Zeros of the given shape with a slice of them replaced by a gradient; differentiable again.</summary>
        private static Tensor Embed(long[] sizes, Tensor grad, int axis, long start, long step)
        {
            Tensor full;
            using (new GradMode(false))
            {
                full = Fill.Zeros(sizes, grad.dtype);
                full.SliceView(axis, start, grad.Impl.Sizes[axis], step).copy_(grad);
            }

            if (!Graph.Records(grad))
                return full;
            return Graph.Record(full, "EmbedBackward", [grad], [], static (n, g) =>
            {
                (int axis, long start, long step) = ((int, long, long))n.Data!;
                return [g.SliceView(axis, start, n.InputSizes(0)[axis], step)];
            }, (axis, start, step));
        }
    }
}
