namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The largest element; its gradient is shared by all that are equal to it.</summary>
        public Tensor max() => ExtremeOver([], false, true, "max");

        public Tensor min() => ExtremeOver([], false, false, "min");

        /// <summary>The largest elements along an axis and where each first occurs, which is where the gradient goes.</summary>
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => ExtremeAlong(dim, keepdim, true, "max");

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => ExtremeAlong(dim, keepdim, false, "min");

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => ExtremeOver(CheckNoOut(dims, @out, "amax"), keepdim, true, "amax");

        public Tensor amax(params long[] dims) => ExtremeOver(dims, false, true, "amax");

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            ExtremeOver(CheckNoOut(dims.ToArray(), @out, "amax"), keepdim, true, "amax");

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => ExtremeOver(CheckNoOut(dims, @out, "amin"), keepdim, false, "amin");

        public Tensor amin(params long[] dims) => ExtremeOver(dims, false, false, "amin");

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            ExtremeOver(CheckNoOut(dims.ToArray(), @out, "amin"), keepdim, false, "amin");

        /// <summary>Position of the largest element in row-major order.</summary>
        public Tensor argmax() => PositionOver(null, false, true, "argmax");

        public Tensor argmax(long dim, bool keepdim = false) => PositionOver(dim, keepdim, true, "argmax");

        public Tensor argmin() => PositionOver(null, false, false, "argmin");

        public Tensor argmin(long dim, bool keepdim = false) => PositionOver(dim, keepdim, false, "argmin");

        public Tensor all() => TruthOver([], false, true);

        public Tensor all(long dim, bool keepdim = false) => TruthOver([dim], keepdim, true);

        public Tensor any() => TruthOver([], false, false);

        public Tensor any(long dim, bool keepdim = false) => TruthOver([dim], keepdim, false);

        /// <summary>Running sums along an axis.</summary>
        public Tensor cumsum(long dim, ScalarType? type = null)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "cumsum");
            Tensor r = Scan.CumulativeSum(this, axis, type ?? (is_floating_point() ? dtype : ScalarType.Int64));
            return Graph.Records(this)
                ? Graph.Record(r, "CumsumBackward", [this], [], static (n, g) => [ReverseSums(g, (int)n.Data!)], axis)
                : r;
        }

        public Tensor count_nonzero(long[]? dims = null)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(ne(0).sum(dims ?? []));
        }

        private static Tensor ReverseSums(Tensor g, int axis) => g.ndim == 0 ? g : g.flip(axis).cumsum(axis).flip(axis);

        private static long[] CheckNoOut(long[] dims, Tensor? @out, string call) =>
            @out is null ? dims : throw Errors.Unsupported(call, "an output tensor is not part of the embedded backend.");

        private Tensor ExtremeOver(long[] dims, bool keepdim, bool max, string call)
        {
            Span<bool> reduced = stackalloc bool[Impl.Rank];
            Reduce.Mark(this, dims, reduced, call);
            Tensor r = Scan.Extreme(this, reduced, keepdim, max, true, false, call).Values!;
            if (!Graph.Records(this))
                return r;
            return Graph.Record(r, "ExtremeBackward", [this], [this, r], static (n, g) =>
            {
                (long[] kept, long[] dims) = ((long[], long[]))n.Data!;
                Tensor ties = n.Saved(0).eq(n.Saved(1).reshape(kept)).to_type(g.dtype);
                return [ties.mul(g.reshape(kept).div(ties.sum(dims, keepdim: true).reshape(kept)))];
            }, (Kept(dims), dims));
        }

        private (Tensor, Tensor) ExtremeAlong(long dim, bool keepdim, bool max, string call)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, call);
            Span<bool> reduced = stackalloc bool[Impl.Rank];
            Reduce.Mark(this, [dim], reduced, call);
            (Tensor? values, Tensor? indices) = Scan.Extreme(this, reduced, keepdim, max, true, true, call);
            if (Graph.Records(this))
                RecordSelection(values!, indices!, axis, keepdim || Impl.Rank == 0, call);
            return (values!, indices!);
        }

        /// <summary>Records values picked along an axis: the gradient goes back to the picked places.</summary>
        private void RecordSelection(Tensor values, Tensor indices, int axis, bool kept, string call) =>
            Graph.Record(values, call + "Backward", [this], [indices], static (n, g) =>
            {
                (int axis, bool kept) = ((int, bool))n.Data!;
                Tensor index = n.Saved(0);
                Tensor grad = g;
                if (!kept)
                {
                    index = index.unsqueeze(axis);
                    grad = g.unsqueeze(axis);
                }

                return [Fill.Zeros(n.InputSizes(0), g.dtype).scatter_add_(axis, index, grad)];
            }, (axis, kept));

        private Tensor PositionOver(long? dim, bool keepdim, bool max, string call)
        {
            Span<bool> reduced = stackalloc bool[Impl.Rank];
            ReadOnlySpan<long> dims = dim is { } d ? [d] : [];
            Reduce.Mark(this, dims, reduced, call);
            return Scan.Extreme(this, reduced, keepdim, max, false, true, call).Indices!;
        }

        private Tensor TruthOver(ReadOnlySpan<long> dims, bool keepdim, bool all)
        {
            Span<bool> reduced = stackalloc bool[Impl.Rank];
            Reduce.Mark(this, dims, reduced, all ? "all" : "any");
            return Scan.Truth(this, reduced, keepdim, all);
        }
    }

    public static Tensor max(Tensor input) => input.max();

    public static Tensor max(Tensor input, Tensor other) => input.max(other);

    public static (Tensor values, Tensor indexes) max(Tensor input, long dim, bool keepdim = false) => input.max(dim, keepdim);

    public static Tensor min(Tensor input) => input.min();

    public static Tensor min(Tensor input, Tensor other) => input.min(other);

    public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => input.min(dim, keepdim);

    public static Tensor argmax(Tensor input) => input.argmax();

    public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => input.argmax(dim, keepdim);

    public static Tensor argmin(Tensor input) => input.argmin();

    public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => input.argmin(dim, keepdim);

    public static Tensor all(Tensor input) => input.all();

    public static Tensor all(Tensor input, long dim, bool keepdim = false) => input.all(dim, keepdim);

    public static Tensor any(Tensor input) => input.any();

    public static Tensor any(Tensor input, long dim, bool keepdim = false) => input.any(dim, keepdim);

    public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => input.cumsum(dim, type);

    public static Tensor count_nonzero(Tensor input, long[]? dims = null) => input.count_nonzero(dims);
}
