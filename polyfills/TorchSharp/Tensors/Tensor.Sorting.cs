namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Sorted along an axis, with the positions the elements came from. Always stable here.</summary>
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Sorted(dim, descending, null, "sort");

        public Tensor argsort(long dim = -1, bool descending = false)
        {
            using Arena arena = Arena.Open();
            using var mode = new GradMode(false);
            return arena.Keep(Sorted(dim, descending, null, "argsort").Indices);
        }

        /// <summary>The k largest (or smallest) elements along an axis, in order, and their positions.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, "topk");
            long length = Impl.Rank == 0 ? 1 : Impl.Sizes[axis];
            if (k < 0 || k > length)
                Errors.Throw($"topk: k is {k}, the axis has {length} elements.");
            return Sorted(axis, largest, k, "topk");
        }

        private (Tensor Values, Tensor Indices) Sorted(long dim, bool descending, int? keep, string call)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, call);
            if (Impl.Rank == 0)
                return (clone(), zeros([], ScalarType.Int64));
            int last = Impl.Rank - 1;
            using Arena arena = Arena.Open();
            Tensor values, indices;
            using (new GradMode(false))
            {
                Tensor x = transpose(axis, last);
                (TensorImpl v, TensorImpl i) = Sorting.Rows(x.Impl, descending, keep ?? checked((int)Impl.Sizes[axis]));
                values = new Tensor(v);
                indices = new Tensor(i);
                if (axis != last)
                {
                    values = values.transpose(axis, last).contiguous();
                    indices = indices.transpose(axis, last).contiguous();
                }
            }

            if (Graph.Records(this))
                RecordSelection(values, indices, axis, true, call);
            return (arena.Keep(values), arena.Keep(indices));
        }
    }

    public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
        input.sort(dim, descending, stable);

    public static Tensor argsort(Tensor input, long dim = -1, bool descending = false) => input.argsort(dim, descending);

    public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
        tensor.topk(k, dim, largest, sorted);
}
