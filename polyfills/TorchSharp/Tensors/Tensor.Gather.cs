namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>result[i, j] = this[index[i, j], j] for dim 0, and so on.</summary>
        public Tensor gather(long dim, Tensor index)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "gather");
            CheckIndex(index, axis, Impl.Sizes, "gather");
            TensorImpl result = TensorImpl.Allocate(index.Impl.Sizes, dtype);
            long[] positions = Gathers.Checked(index.Impl, Impl.Rank == 0 ? 1 : Impl.Sizes[axis], "gather");
            Gathers.Read(Impl.Data, result.Data, Gathers.Offsets(positions, index.Impl.Sizes, Impl.Strides, axis), Impl.ItemSize);
            var r = new Tensor(result);
            return Graph.Records(this)
                ? Graph.Record(r, "GatherBackward", [this], [index], static (n, g) =>
                    [Fill.Zeros(n.InputSizes(0), g.dtype).scatter_add_((int)n.Data!, n.Saved(0), g)], axis)
                : r;
        }

        public Tensor take_along_dim(Tensor indices, long dim) => gather(dim, indices);

        /// <summary>A copy with result[index[i, j], j] = src[i, j] for dim 0, and so on.</summary>
        public Tensor scatter(long dim, Tensor index, Tensor src)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "scatter");
            Tensor r = Copies.Clone(this, contiguous: true);
            Scatter(r.Impl, axis, index, src, "scatter");
            if (!Graph.Records(this, src))
                return r;
            if (src.Impl.RequiresGrad && !src.Impl.Sizes.AsSpan().SequenceEqual(index.Impl.Sizes))
                throw Errors.Unsupported("scatter", "a source larger than the index has no gradient in libtorch; narrow it first.");
            return Graph.Record(r, "ScatterBackward", [this, src], [index], static (n, g) =>
            {
                (int axis, long[] sizes) = ((int, long[]))n.Data!;
                Tensor index = n.Saved(0);
                Tensor? self = n.Needs(0) ? g.scatter(axis, index, Fill.Zeros(index.Impl.Sizes, g.dtype)) : null;
                Tensor? source = n.Needs(1) ? FromIndexed(g.gather(axis, index), sizes) : null;
                return [self, source];
            }, (axis, src.Impl.Sizes));
        }

        /// <summary>A copy with src[i, j] added at [index[i, j], j] for dim 0, and so on.</summary>
        public Tensor scatter_add(long dim, Tensor index, Tensor src)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "scatter_add");
            Tensor r = Copies.Clone(this, contiguous: true);
            ScatterAdd(r.Impl, axis, index, src, "scatter_add");
            if (!Graph.Records(this, src))
                return r;
            return Graph.Record(r, "ScatterAddBackward", [this, src], [index], static (n, g) =>
            {
                (int axis, long[] sizes) = ((int, long[]))n.Data!;
                return [g, n.Needs(1) ? FromIndexed(g.gather(axis, n.Saved(0)), sizes) : null];
            }, (axis, src.Impl.Sizes));
        }

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace(
            "scatter_",
            src.Impl.RequiresGrad,
            (dim, index, src),
            static (t, s) => t.scatter(s.dim, s.index, s.src),
            static (t, s) => Scatter(t.Impl, Shapes.Axis(s.dim, t.Impl.Rank, "scatter_"), s.index, s.src, "scatter_"));

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace(
            "scatter_add_",
            src.Impl.RequiresGrad,
            (dim, index, src),
            static (t, s) => t.scatter_add(s.dim, s.index, s.src),
            static (t, s) => ScatterAdd(t.Impl, Shapes.Axis(s.dim, t.Impl.Rank, "scatter_add_"), s.index, s.src, "scatter_add_"));

        /// <summary>Elements at row-major positions.</summary>
        public Tensor take(Tensor index)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(flatten().index_select(0, index.flatten()).reshape(index.Impl.Sizes));
        }

        /// <summary>The slices of an axis at the given positions.</summary>
        public Tensor index_select(long dim, Tensor index)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "index_select");
            if (index.ndim > 1)
                Errors.Throw($"index_select: the index must be a vector, its shape is {Errors.Text(index.Impl.Sizes)}.");
            long length = Impl.Rank == 0 ? 1 : Impl.Sizes[axis];
            long[] positions = Gathers.Checked(index.Impl, length, "index_select");
            long[] sizes = shape;
            if (sizes.Length > 0)
                sizes[axis] = positions.Length;
            TensorImpl result = TensorImpl.Allocate(sizes, dtype);
            TensorImpl source = Copies.Contiguous(Impl);
            (long outer, long inner) = Around(Impl.Sizes, axis);
            Gathers.Rows(source.Data, result.Data, outer, length, inner * Impl.ItemSize, positions);
            source.Release();
            var r = new Tensor(result);
            return Graph.Records(this)
                ? Graph.Record(r, "IndexSelectBackward", [this], [index], static (n, g) =>
                    [Fill.Zeros(n.InputSizes(0), g.dtype).index_add_((int)n.Data!, n.Saved(0), g, 1)], axis)
                : r;
        }

        /// <summary>A copy with slices of source times alpha added at the given positions of an axis.</summary>
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            using Arena arena = Arena.Open();
            Tensor scaled = alpha.Double == 1 ? source : source.mul(alpha);
            int axis = Shapes.Axis(dim, Impl.Rank, "index_add");
            Tensor r;
            using (new GradMode(false))
            {
                r = Copies.Clone(this, contiguous: true);
                AddSlices(r.Impl, axis, index, scaled, "index_add");
            }

            arena.Keep(r);
            if (!Graph.Records(this, scaled))
                return r;
            return Graph.Record(r, "IndexAddBackward", [this, scaled], [index], static (n, g) =>
                [g, n.Needs(1) ? g.index_select((int)n.Data!, n.Saved(0)) : null], axis);
        }

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => InPlace(
            "index_add_",
            source.Impl.RequiresGrad,
            (dim, index, source, alpha),
            static (t, s) => t.index_add(s.dim, s.index, s.source, s.alpha),
            static (t, s) =>
            {
                using Arena arena = Arena.Open();
                Tensor scaled = s.alpha.Double == 1 ? s.source : s.source.mul(s.alpha);
                AddSlices(t.Impl, Shapes.Axis(s.dim, t.Impl.Rank, "index_add_"), s.index, scaled, "index_add_");
            });

        private static (long Outer, long Inner) Around(long[] sizes, int axis) => sizes.Length == 0
            ? (1, 1)
            : (Shapes.Count(sizes.AsSpan(0, axis)), Shapes.Count(sizes.AsSpan(axis + 1)));

        private static void AddSlices(TensorImpl target, int axis, Tensor index, Tensor source, string call)
        {
            long length = target.Rank == 0 ? 1 : target.Sizes[axis];
            long[] positions = Gathers.Checked(index.Impl, length, call);
            var expected = (long[])target.Sizes.Clone();
            if (expected.Length > 0)
                expected[axis] = positions.Length;
            if (!source.Impl.Sizes.AsSpan().SequenceEqual(expected))
                Errors.Throw($"{call}: the source has shape {Errors.Text(source.Impl.Sizes)}, expected {Errors.Text(expected)}.");
            if (source.dtype != target.DType)
                Errors.Throw($"{call}: the source has type {source.dtype}, the tensor {target.DType}.");
            ScalarType work = DTypes.IsReduced(target.DType) ? ScalarType.Float32 : target.DType;
            TensorImpl from = Copies.ContiguousAs(source.Impl, work);
            TensorImpl to = Copies.ContiguousAs(target, work);
            (long outer, long inner) = Around(target.Sizes, axis);
            switch (work)
            {
                case ScalarType.Float32: Gathers.AddRows((float*)from.Data, (float*)to.Data, outer, length, inner, positions); break;
                case ScalarType.Float64: Gathers.AddRows((double*)from.Data, (double*)to.Data, outer, length, inner, positions); break;
                case ScalarType.Int64: Gathers.AddRows((long*)from.Data, (long*)to.Data, outer, length, inner, positions); break;
                case ScalarType.Int32: Gathers.AddRows((int*)from.Data, (int*)to.Data, outer, length, inner, positions); break;
                default: throw Errors.Unsupported(call, $"sums of {work} are not part of the embedded backend.");
            }

            if (!ReferenceEquals(to, target))
                Copies.Into(target, to);
            from.Release();
            to.Release();
        }

        private static void CheckIndex(Tensor index, int axis, long[] sizes, string call)
        {
            long[] own = index.Impl.Sizes;
            bool fits = own.Length == sizes.Length;
            for (int d = 0; fits && d < own.Length; d++)
                fits = d == axis || own[d] <= sizes[d];
            if (!fits)
                Errors.Throw($"{call}: index of shape {Errors.Text(own)} does not fit {Errors.Text(sizes)} along axis {axis}.");
        }

        private static void Scatter(TensorImpl target, int axis, Tensor index, Tensor source, string call)
        {
            TensorImpl from = ScatterSource(target, axis, index, source, call, target.DType);
            long[] positions = Gathers.Checked(index.Impl, target.Rank == 0 ? 1 : target.Sizes[axis], call);
            Gathers.Write(from.Data, target.Data, Gathers.Offsets(positions, index.Impl.Sizes, target.Strides, axis), target.ItemSize);
            from.Release();
        }

        private static void ScatterAdd(TensorImpl target, int axis, Tensor index, Tensor source, string call)
        {
            TensorImpl from = ScatterSource(target, axis, index, source, call, target.DType);
            long[] positions = Gathers.Checked(index.Impl, target.Rank == 0 ? 1 : target.Sizes[axis], call);
            long[] offsets = Gathers.Offsets(positions, index.Impl.Sizes, target.Strides, axis);
            switch (target.DType)
            {
                case ScalarType.Float32: Gathers.Add<float>(from.Data, target.Data, offsets); break;
                case ScalarType.Float64: Gathers.Add<double>(from.Data, target.Data, offsets); break;
                case ScalarType.Int64: Gathers.Add<long>(from.Data, target.Data, offsets); break;
                case ScalarType.Int32: Gathers.Add<int>(from.Data, target.Data, offsets); break;
                default: throw Errors.Unsupported(call, $"sums of {target.DType} are not part of the embedded backend.");
            }

            from.Release();
        }

        /// <summary>The part of the source that the index covers, row-major and held.</summary>
        private static TensorImpl ScatterSource(TensorImpl target, int axis, Tensor index, Tensor source, string call, ScalarType type)
        {
            CheckIndex(index, axis, target.Sizes, call);
            CheckIndex(index, -1, source.Impl.Sizes, call);
            if (source.dtype != type)
                Errors.Throw($"{call}: the source has type {source.dtype}, the tensor {type}.");
            TensorImpl part = source.Impl.View(index.Impl.Sizes, source.Impl.Strides, source.Impl.Offset);
            TensorImpl result = Copies.Contiguous(part);
            part.Release();
            return result;
        }

        /// <summary>A gradient for the indexed corner of a source, with zeros for the rest of it.</summary>
        private static Tensor FromIndexed(Tensor grad, long[] sizes)
        {
            for (int d = 0; d < sizes.Length; d++)
            {
                if (grad.Impl.Sizes[d] == sizes[d])
                    continue;
                long[] whole = grad.shape;
                whole[d] = sizes[d];
                grad = Embed(whole, grad, d, 0, 1);
            }

            return grad;
        }
    }

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);

    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);

    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) => input.index_add(dim, index, source, alpha);

    public static Tensor take(Tensor input, Tensor index) => input.take(index);
}
