namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => SumOver([], false, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => SumOver(dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => SumOver(dim, keepdim, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => SumOver([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => SumOver([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            SumOver([dim0, dim1, dim2], keepdim, type);

        public Tensor mean() => MeanOver([], false, null);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => MeanOver(dimensions, keepdim, type);

        public Tensor var(bool unbiased = true) => unbiased
            ? VarianceOver([], true, false, null)
            : throw Errors.Unsupported("var", "without dimensions the real package ignores unbiased: false; name the dimensions.");

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => VarianceOver([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            VarianceOver(dimensions, unbiased, keepdim, type);

        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            VarianceOver(dimensions.ToArray(), unbiased, keepdim, type);

        public Tensor std(bool unbiased = true) => DeviationOver([], unbiased, false, null);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => DeviationOver([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            DeviationOver(dimensions, unbiased, keepdim, type);

        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            DeviationOver(dimensions.ToArray(), unbiased, keepdim, type);

        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => (var(unbiased), mean());

        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => (std(unbiased), mean());

        /// <summary>The p-norm of all elements.</summary>
        public Tensor norm(float p = 2f) => NormOver([], false, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2f) => NormOver([dim], keepdim, p);

        public Tensor trace()
        {
            using Arena arena = Arena.Open();
            return arena.Keep(diagonal().sum());
        }

        private Tensor SumOver(ReadOnlySpan<long> dims, bool keepdim, ScalarType? type)
        {
            Tensor r = Reduce.Sum(this, dims, keepdim, type);
            if (!Graph.Records(this) || !r.is_floating_point())
                return r;
            return Graph.Record(r, "SumBackward", [this], [], static (n, g) =>
            {
                long[] sizes = n.InputSizes(0);
                return [g.reshape((long[])n.Data!).expand(sizes)];
            }, Kept(dims));
        }

        private Tensor MeanOver(long[] dims, bool keepdim, ScalarType? type)
        {
            ScalarType target = type ?? dtype;
            if (!torch.is_floating_point(target))
                Errors.Throw($"mean: the mean of {target} is not a {target}; convert to a floating point type.");
            using Arena arena = Arena.Open();
            return arena.Keep(SumOver(dims, keepdim, type).div((double)CountOver(dims, "mean")));
        }

        private Tensor VarianceOver(long[] dims, bool unbiased, bool keepdim, ScalarType? type)
        {
            if (!is_floating_point())
                Errors.Throw($"var: not defined for {dtype}; convert to a floating point type.");
            using Arena arena = Arena.Open();
            Tensor x = type is { } t ? to_type(t) : this;
            double count = CountOver(dims, "var");
            Tensor centered = x.sub(x.MeanOver(dims, true, null));
            return arena.Keep(centered.square().SumOver(dims, keepdim, null).div(Math.Max(0, unbiased ? count - 1 : count)));
        }

        private Tensor DeviationOver(long[] dims, bool unbiased, bool keepdim, ScalarType? type)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(VarianceOver(dims, unbiased, keepdim, type).sqrt());
        }

        private Tensor NormOver(long[] dims, bool keepdim, float p)
        {
            if (!is_floating_point())
                Errors.Throw($"norm: not defined for {dtype}; convert to a floating point type.");
            using Arena arena = Arena.Open();
            if (float.IsPositiveInfinity(p))
                return arena.Keep(abs().amax(dims, keepdim));
            if (float.IsNegativeInfinity(p))
                return arena.Keep(abs().amin(dims, keepdim));
            if (p == 0)
                return arena.Keep(ne(0).to_type(dtype).SumOver(dims, keepdim, null));
            if (p == 1)
                return arena.Keep(abs().SumOver(dims, keepdim, null));
            if (p != 2)
                return arena.Keep(abs().pow((double)p).SumOver(dims, keepdim, null).pow(1.0 / p));

            // the gradient x / |x| is taken as zero at the origin
            Tensor r;
            using (new GradMode(false))
                r = square().SumOver(dims, keepdim, null).sqrt();
            if (Graph.Records(this))
            {
                Graph.Record(r, "NormBackward", [this], [this, r], static (n, g) =>
                {
                    var kept = (long[])n.Data!;
                    Tensor norm = n.Saved(1).reshape(kept);
                    Tensor scale = g.reshape(kept).div(norm).masked_fill(norm.eq(0), 0);
                    return [n.Saved(0).mul(scale)];
                }, Kept(dims));
            }

            return arena.Keep(r);
        }

        /// <summary>The shape of a reduction's result with reduced axes of length one.</summary>
        private long[] Kept(ReadOnlySpan<long> dims)
        {
            var kept = (long[])Impl.Sizes.Clone();
            Span<bool> reduced = stackalloc bool[kept.Length];
            Reduce.Mark(this, dims, reduced, "reduce");
            for (int d = 0; d < kept.Length; d++)
            {
                if (reduced[d])
                    kept[d] = 1;
            }

            return kept;
        }

        private long CountOver(ReadOnlySpan<long> dims, string call)
        {
            Span<bool> reduced = stackalloc bool[Impl.Rank];
            Reduce.Mark(this, dims, reduced, call);
            long count = 1;
            for (int d = 0; d < reduced.Length; d++)
                count *= reduced[d] ? Impl.Sizes[d] : 1;
            return count;
        }
    }

    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

    public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => input.sum(dim, keepdim, type);

    public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => input.sum(dim, keepdim, type);

    public static Tensor mean(Tensor input) => input.mean();

    public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) => input.mean(dimensions, keepdim, type);

    public static Tensor var(Tensor input, bool unbiased = true) => input.var(unbiased);

    public static Tensor var(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    public static Tensor var(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    public static Tensor std(Tensor input, bool unbiased = true) => input.std(unbiased);

    public static Tensor std(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    public static Tensor std(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    public static Tensor norm(Tensor input) => input.norm();

    public static Tensor norm(Tensor input, float p = 2f) => input.norm(p);

    public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2f) => input.norm(dimension, keepdim, p);
}
