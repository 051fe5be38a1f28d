namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// Indexing with one tensor (or null for all) per leading axis. The index tensors are broadcast together; the axes they
        /// replace appear at the place of the first if they are neighbours, else in front.
        /// </summary>
        private Tensor Advanced(Tensor?[] indices)
        {
            var plan = IndexPlan.Of(this, indices);
            Tensor ordered = permute(plan.Order).contiguous();
            long[] rest = ordered.Impl.Sizes[plan.Axes..];
            Tensor rows = ordered.view([Shapes.Count(ordered.Impl.Sizes.AsSpan(0, plan.Axes)), .. rest]);
            Tensor picked = rows.index_select(0, plan.Linear.flatten()).reshape([.. plan.Shape, .. rest]);
            return plan.Restore(picked);
        }

        private Tensor Put(string call, Tensor value, TensorIndex[] indices, bool accumulate)
        {
            using Arena arena = Arena.Open();
            if (!Array.Exists(indices, static i => i.kind == TensorIndex.Kind.Tensor))
            {
                Tensor slot = Basic(indices, out _);
                _ = accumulate ? slot.add_(value) : slot.copy_(value);
                return this;
            }

            return InPlace(
                call,
                value.Impl.RequiresGrad,
                (value, indices, accumulate),
                static (t, s) => t.PutRecorded(s.value, s.indices, s.accumulate),
                static (t, s) => t.PutDirect(s.value, s.indices, s.accumulate));
        }

        private void PutDirect(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            using Arena arena = Arena.Open();
            using var mode = new GradMode(false);
            Tensor view = Basic(indices, out Tensor?[] tensors);
            var plan = IndexPlan.Of(view, tensors);
            Tensor ordered = view.permute(plan.Order);
            long[] rest = ordered.Impl.Sizes[plan.Axes..];
            Tensor source = plan.Arrange(value, rest).to_type(dtype).contiguous().view([-1, .. rest]);
            long[] linear = plan.Linear.contiguous().data<long>().ToArray();
            long[] sizes = ordered.Impl.Sizes[..plan.Axes], strides = ordered.Impl.Strides[..plan.Axes];
            long[] restStrides = ordered.Impl.Strides[plan.Axes..];
            long rowLength = Shapes.Count(rest);
            for (int i = 0; i < linear.Length; i++)
            {
                long offset = ordered.Impl.Offset, at = linear[i];
                for (int d = sizes.Length - 1; d >= 0; d--)
                {
                    (at, long k) = Math.DivRem(at, sizes[d]);
                    offset += k * strides[d];
                }

                TensorImpl slot = ordered.Impl.View(rest, restStrides, offset);
                TensorImpl row = source.Impl.View(rest, Shapes.RowMajor(rest), source.Impl.Offset + i * rowLength);
                if (accumulate)
                    Pointwise.BinaryInto<AddKernel>(slot, slot, row);
                else
                    Copies.Into(slot, row);
                slot.Release();
                row.Release();
            }
        }

        private Tensor PutRecorded(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            Tensor r = Copies.Clone(this, contiguous: true);
            r.PutDirect(value, indices, accumulate);
            // index tensors are saved like all others: the caller may dispose its own
            Tensor?[] saved = [.. Array.FindAll(indices, static i => i.kind == TensorIndex.Kind.Tensor).Select(static i => i.tensor)];
            return Graph.Record(r, "IndexPutBackward", [this, value], saved, static (n, g) =>
            {
                n.FirstOrderOnly();
                (TensorIndex[] given, bool accumulate) = ((TensorIndex[], bool))n.Data!;
                int next = 0;
                TensorIndex[] indices = Array.ConvertAll(
                    given, i => i.kind == TensorIndex.Kind.Tensor ? TensorIndex.Tensor(n.Saved(next++)) : i);
                Tensor? self = g;
                if (n.Needs(0) && !accumulate)
                {
                    self = Copies.Clone(g, contiguous: true);
                    self.PutDirect(Fill.Zeros([], g.dtype), indices, false);
                }

                return [n.Needs(0) ? self : null, n.Needs(1) ? g.index(indices) : null];
            }, (indices, accumulate));
        }

        /// <summary>How a set of index tensors maps to positions of a tensor with the indexed axes in front.</summary>
        private sealed class IndexPlan
        {
            private int _place;

            private bool _adjacent;

            /// <summary>Row-major positions within the indexed axes, of the broadcast index shape.</summary>
            internal required Tensor Linear { get; init; }

            internal required long[] Shape { get; init; }

            /// <summary>Axes with the indexed ones first.</summary>
            internal required long[] Order { get; init; }

            /// <summary>How many axes are indexed.</summary>
            internal required int Axes { get; init; }

            internal static IndexPlan Of(Tensor source, Tensor?[] given)
            {
                var indices = new List<Tensor?>();
                foreach (Tensor? t in given)
                {
                    if (t is null)
                        indices.Add(null);
                    else
                        indices.AddRange(Positions(t));
                }

                int rank = source.Impl.Rank;
                if (indices.Count > rank)
                    Errors.Throw($"index: {indices.Count} index tensors given for a tensor of {rank} dimensions.");
                var order = new List<long>();
                long[] shape = [];
                for (int d = 0; d < indices.Count; d++)
                {
                    if (indices[d] is not { } t)
                        continue;
                    order.Add(d);
                    shape = Shapes.Broadcast(shape, t.Impl.Sizes, "index");
                }

                int axes = order.Count;
                bool adjacent = axes > 0 && order[^1] - order[0] + 1 == axes;
                int place = adjacent ? (int)order[0] : 0;
                Tensor? linear = null;
                for (int i = 0; i < axes; i++)
                {
                    int d = (int)order[i];
                    long length = source.Impl.Sizes[d];
                    long[] positions = Gathers.Checked(indices[d]!.Impl, length, "index");
                    Tensor at = tensor(positions, indices[d]!.Impl.Sizes).expand(shape);
                    linear = linear is null ? at : linear.mul(length).add(at);
                }

                for (int d = 0; d < rank; d++)
                {
                    if (!order.Contains(d))
                        order.Add(d);
                }

                return new IndexPlan
                {
                    Linear = linear ?? throw Errors.Native("index: no index tensor given."),
                    Shape = shape,
                    Order = [.. order],
                    Axes = axes,
                    _place = place,
                    _adjacent = adjacent,
                };
            }

            /// <summary>Moves the index axes from the front to their place in the result.</summary>
            internal Tensor Restore(Tensor picked)
            {
                if (!_adjacent || _place == 0)
                    return picked;
                int n = Shape.Length;
                var order = new List<long>();
                for (int d = 0; d < _place; d++)
                    order.Add(n + d);
                for (int d = 0; d < n; d++)
                    order.Add(d);
                for (int d = n + _place; d < picked.Impl.Rank; d++)
                    order.Add(d);
                return picked.permute(order.ToArray());
            }

            /// <summary>A value broadcast to the shape of the indexed places, index axes in front.</summary>
            internal Tensor Arrange(Tensor value, long[] rest)
            {
                int place = _adjacent ? _place : 0, n = Shape.Length;
                long[] natural = [.. rest[..place], .. Shape, .. rest[place..]];
                if (!Shapes.CanExpand(value.Impl.Sizes, natural))
                    Errors.Throw($"index_put_: a value of shape {Errors.Text(value.Impl.Sizes)} does not broadcast to the indexed places {Errors.Text(natural)}.");
                var order = new List<long>();
                for (int d = 0; d < n; d++)
                    order.Add(place + d);
                for (int d = 0; d < place; d++)
                    order.Add(d);
                for (int d = place + n; d < natural.Length; d++)
                    order.Add(d);
                return value.expand(natural).permute(order.ToArray());
            }
        }
    }
}
