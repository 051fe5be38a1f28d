namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Copies of the tensor side by side; leading axes are added as needed.</summary>
        public Tensor repeat(params long[] sizes)
        {
            int lead = sizes.Length - Impl.Rank;
            if (lead < 0)
                Errors.Throw($"repeat: {sizes.Length} counts given for a tensor of {Impl.Rank} dimensions.");
            var interleaved = new List<long>();
            var expanded = new List<long>();
            var result = new long[sizes.Length];
            for (int d = 0; d < sizes.Length; d++)
            {
                long own = d < lead ? 1 : Impl.Sizes[d - lead];
                interleaved.AddRange([1, own]);
                expanded.AddRange([sizes[d], own]);
                result[d] = sizes[d] * own;
            }

            using Arena arena = Arena.Open();
            Tensor r = reshape([.. interleaved]).expand([.. expanded]).reshape(result);
            return arena.Keep(ReferenceEquals(r.Impl.Storage, Impl.Storage) ? r.clone() : r);
        }

        public Tensor tile(long[] reps)
        {
            int lead = Impl.Rank - reps.Length;
            return repeat(lead > 0 ? [.. Enumerable.Repeat(1L, lead), .. reps] : reps);
        }

        /// <summary>Each element (or slice of an axis) several times in a row; without an axis the tensor is flattened first.</summary>
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null)
        {
            using Arena arena = Arena.Open();
            Tensor x = dim is null ? flatten() : this;
            int axis = Shapes.Axis(dim ?? 0, x.Impl.Rank, "repeat_interleave");
            long[] sizes = x.Impl.Sizes;
            long[] expanded = [.. sizes[..(axis + 1)], repeats, .. sizes[(axis + 1)..]];
            long[] result = x.shape;
            result[axis] *= repeats;
            Tensor r = x.unsqueeze(axis + 1).expand(expanded).reshape(result);
            return arena.Keep(ReferenceEquals(r.Impl.Storage, Impl.Storage) ? r.clone() : r);
        }

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null)
        {
            using Arena arena = Arena.Open();
            Tensor x = dim is null ? flatten() : this;
            int axis = Shapes.Axis(dim ?? 0, x.Impl.Rank, "repeat_interleave");
            long[] counts = repeats.to_type(ScalarType.Int64).expand(x.Impl.Sizes[axis]).data<long>().ToArray();
            var index = new List<long>();
            for (int i = 0; i < counts.Length; i++)
            {
                for (long k = 0; k < counts[i]; k++)
                    index.Add(i);
            }

            return arena.Keep(x.index_select(axis, tensor(index)));
        }

        /// <summary>With the elements of the given axes in reverse order; a copy.</summary>
        public Tensor flip(params long[] dims)
        {
            using Arena arena = Arena.Open();
            Tensor r = this;
            foreach (long dim in dims)
            {
                long n = r.Impl.Sizes[Shapes.Axis(dim, Impl.Rank, "flip")];
                r = r.index_select(dim, n == 0 ? empty(0, ScalarType.Int64) : arange(n - 1, -1, -1));
            }

            return arena.Keep(ReferenceEquals(r, this) ? clone() : r);
        }

        public Tensor fliplr() => flip(1);

        public Tensor flipud() => flip(0);

        /// <summary>Elements moved along an axis, those falling off re-entering at the other end.</summary>
        public Tensor roll(long shifts, long? dims = null)
        {
            using Arena arena = Arena.Open();
            if (dims is not { } dim)
                return arena.Keep(flatten().roll(shifts, 0).reshape(Impl.Sizes));
            long n = Impl.Sizes[Shapes.Axis(dim, Impl.Rank, "roll")];
            if (n == 0)
                return arena.Keep(clone());
            long start = ((-shifts % n) + n) % n;
            return arena.Keep(cat([narrow(dim, start, n - start), narrow(dim, 0, start)], dim));
        }

        /// <summary>The lower triangle of the last two axes, zero elsewhere.</summary>
        public Tensor tril(long diagonal = 0)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(masked_fill(Triangle(diagonal, "tril").logical_not(), 0));
        }

        /// <summary>The upper triangle of the last two axes, zero elsewhere.</summary>
        public Tensor triu(long diagonal = 0)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(masked_fill(Triangle(diagonal - 1, "triu"), 0));
        }

        public Tensor tril_(long diagonal = 0) => InPlace("tril_", t => t.tril(diagonal));

        public Tensor triu_(long diagonal = 0) => InPlace("triu_", t => t.triu(diagonal));

        /// <summary>A vector as the diagonal of a matrix, or the diagonal of a matrix as a vector.</summary>
        public Tensor diag(long diagonal = 0)
        {
            if (ndim == 2)
            {
                using Arena inner = Arena.Open();
                return inner.Keep(this.diagonal(diagonal).clone());
            }

            if (ndim != 1)
                Errors.Throw($"diag: expects 1 or 2 dimensions, the tensor has {ndim}.");
            using Arena arena = Arena.Open();
            long n = Impl.Count + Math.Abs(diagonal);
            Tensor rows = arange(n).unsqueeze(1), columns = arange(n).unsqueeze(0);
            Tensor on = columns.sub(rows).eq(diagonal);
            Tensor spread = cat([this, zeros([Math.Abs(diagonal)], dtype)]).roll(diagonal > 0 ? 0 : -diagonal, 0).unsqueeze(1);
            return arena.Keep(spread.expand(n, n).masked_fill(on.logical_not(), 0));
        }

        public Tensor atleast_1d() => ndim >= 1 ? alias() : reshape(1);

        public Tensor atleast_2d() => ndim switch
        {
            0 => reshape(1, 1),
            1 => unsqueeze(0),
            _ => alias(),
        };

        /// <summary>Set on and below a diagonal.</summary>
        private Tensor Triangle(long diagonal, string call)
        {
            if (ndim < 2)
                Errors.Throw($"{call}: expects at least 2 dimensions, the tensor has {ndim}.");
            return arange(Impl.Sizes[^1]).unsqueeze(0).le(arange(Impl.Sizes[^2]).unsqueeze(1).add(diagonal));
        }
    }
}
