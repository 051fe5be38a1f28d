namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Basic indices give a view; index and mask tensors give a copy.</summary>
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Assign([i1], value);
        }

        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Assign([i1, i2], value);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Assign([i1, i2, i3], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Assign([i1, i2, i3, i4], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Assign([i1, i2, i3, i4, i5], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Assign([i1, i2, i3, i4, i5, i6], value);
        }

        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Assign(indices, value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            using Arena arena = Arena.Open();
            Tensor view = Basic(indices, out Tensor?[] tensors);
            Tensor r = Array.Exists(tensors, static t => t is not null) ? view.Advanced(tensors) : view;
            return arena.Keep(ReferenceEquals(r, this) ? alias() : r);
        }

        public Tensor index(params Tensor[] indices)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(Advanced(indices));
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => Put("index_put_", value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false) => Put("index_put_", value, indices, accumulate);

        public Tensor index_put_(Tensor value, params Tensor[] indices) =>
            Put("index_put_", value, Array.ConvertAll(indices, TensorIndex.Tensor), false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Put("index_put_", value, Array.ConvertAll(indices, TensorIndex.Tensor), accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Arena arena = Arena.Open();
            return Put("index_put_", Fill.Full([], value, dtype), indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        /// <summary>A copy with slices of an axis replaced.</summary>
        public Tensor index_copy(long dim, Tensor index, Tensor source)
        {
            using Arena arena = Arena.Open();
            int axis = Shapes.Axis(dim, Impl.Rank, "index_copy");
            var shape = new long[Math.Max(1, Impl.Rank)];
            Array.Fill(shape, 1);
            shape[axis] = index.numel();
            return arena.Keep(scatter(axis, index.reshape(shape).expand(source.Impl.Sizes), source));
        }

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace(
            "index_copy_",
            source.Impl.RequiresGrad,
            (dim, index, source),
            static (t, s) => t.index_copy(s.dim, s.index, s.source),
            static (t, s) => CopySlices(t.Impl, Shapes.Axis(s.dim, t.Impl.Rank, "index_copy_"), s.index, s.source));

        /// <summary>A copy with slices of an axis set to one value.</summary>
        public Tensor index_fill(long dim, Tensor index, Scalar value)
        {
            using Arena arena = Arena.Open();
            long[] sizes = shape;
            sizes[Shapes.Axis(dim, Impl.Rank, "index_fill")] = index.numel();
            return arena.Keep(index_copy(dim, index, Fill.Full(sizes, value, dtype)));
        }

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace("index_fill_", t => t.index_fill(dim, index, value));

        /// <summary>The elements where the mask is set, as a vector.</summary>
        public Tensor masked_select(Tensor mask)
        {
            if (mask.dtype != ScalarType.Bool)
                Errors.Throw($"masked_select: the mask must be Boolean, not {mask.dtype}.");
            using Arena arena = Arena.Open();
            long[] sizes = Shapes.Broadcast(Impl.Sizes, mask.Impl.Sizes, "masked_select");
            return arena.Keep(expand(sizes).flatten().index_select(0, mask.expand(sizes).flatten().nonzero().squeeze(1)));
        }

        /// <summary>The positions of elements that are not zero, [count, dimensions], in row-major order.</summary>
        public unsafe Tensor nonzero()
        {
            TensorImpl truth = Copies.ContiguousAs(Impl, ScalarType.Bool);
            var found = new List<long>();
            byte* p = truth.Data;
            for (long i = 0; i < truth.Count; i++)
            {
                if (p[i] != 0)
                    found.Add(i);
            }

            truth.Release();
            int rank = Impl.Rank;
            TensorImpl result = TensorImpl.Allocate([found.Count, rank], ScalarType.Int64);
            long* to = (long*)result.Data;
            for (int i = 0; i < found.Count; i++)
            {
                long rest = found[i];
                for (int d = rank - 1; d >= 0; d--)
                    (rest, to[(long)i * rank + d]) = Math.DivRem(rest, Impl.Sizes[d]);
            }

            return new Tensor(result);
        }

        public Tensor argwhere() => nonzero();

        private static void CopySlices(TensorImpl target, int axis, Tensor index, Tensor source)
        {
            TensorImpl from = source.Impl;
            long[] positions = Gathers.Checked(index.Impl, target.Rank == 0 ? 1 : target.Sizes[axis], "index_copy_");
            var expected = (long[])target.Sizes.Clone();
            if (expected.Length > 0)
                expected[axis] = positions.Length;
            if (!from.Sizes.AsSpan().SequenceEqual(expected) || from.DType != target.DType)
            {
                Errors.Throw(
                    $"index_copy_: the source has shape {Errors.Text(from.Sizes)} and type {from.DType}, expected {Errors.Text(expected)} and {target.DType}.");
            }

            long[] slice = (long[])expected.Clone();
            if (slice.Length > 0)
                slice[axis] = 1;
            for (int i = 0; i < positions.Length; i++)
            {
                long to = slice.Length == 0 ? 0 : positions[i] * target.Strides[axis], at = slice.Length == 0 ? 0 : i * from.Strides[axis];
                TensorImpl slot = target.View(slice, target.Strides, target.Offset + to);
                TensorImpl row = from.View(slice, from.Strides, from.Offset + at);
                Copies.Into(slot, row);
                slot.Release();
                row.Release();
            }

            GC.KeepAlive(source);
        }

        private Tensor At(ReadOnlySpan<long> indices)
        {
            using Arena arena = Arena.Open();
            Tensor t = this;
            foreach (long i in indices)
                t = t.select(0, i);
            return arena.Keep(ReferenceEquals(t, this) ? alias() : t);
        }

        private void Assign(ReadOnlySpan<long> indices, Tensor value)
        {
            using Arena arena = Arena.Open();
            At(indices).copy_(value);
        }

        /// <summary>Applies numbers, slices, new axes and ellipsis as views; index tensors are returned by axis.</summary>
        private Tensor Basic(TensorIndex[] indices, out Tensor?[] tensors)
        {
            int consumed = 0;
            foreach (TensorIndex i in indices)
            {
                consumed += i.kind switch
                {
                    TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                    TensorIndex.Kind.Tensor => i.tensor!.dtype == ScalarType.Bool ? i.tensor.Impl.Rank : 1,
                    _ => 0,
                };
            }

            if (consumed > Impl.Rank)
                Errors.Throw($"index: {consumed} indices given for a tensor of {Impl.Rank} dimensions.");
            Tensor view = this;
            var byAxis = new List<Tensor?>();
            int axis = 0;
            foreach (TensorIndex i in indices)
            {
                switch (i.kind)
                {
                    case TensorIndex.Kind.Single:
                        view = view.select(axis, i.start!.Value);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = view.slice(axis++, i.start ?? 0, i.stop ?? long.MaxValue, i.step ?? 1);
                        byAxis.Add(null);
                        break;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        view = view.unsqueeze(axis++);
                        byAxis.Add(null);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        for (int k = Impl.Rank - consumed; k > 0; k--, axis++)
                            byAxis.Add(null);
                        break;
                    case TensorIndex.Kind.Tensor:
                        int covered = i.tensor!.dtype == ScalarType.Bool ? i.tensor.Impl.Rank : 1;
                        foreach (Tensor t in Positions(i.tensor))
                            byAxis.Add(t);
                        axis += covered;
                        break;
                    default:
                        throw Errors.Unsupported("index", "single truth values as indices are not part of the embedded backend.");
                }
            }

            tensors = [.. byAxis];
            return view;
        }

        /// <summary>A mask as one index vector per axis it covers; an index tensor as it is.</summary>
        private static Tensor[] Positions(Tensor index) => index.dtype == ScalarType.Bool ? index.nonzero().unbind(1) : [index];
    }

    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);

    public static Tensor nonzero(Tensor input) => input.nonzero();

    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy(dim, index, source);
}
