namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>This tensor where the condition holds, y elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y)
        {
            if (condition.dtype != ScalarType.Bool)
                throw new ArgumentException($"where: the condition must be Boolean, not {condition.dtype}.");
            ScalarType type = DTypes.Result(this, y);
            TensorImpl a = Copies.As(Impl, type), b = Copies.As(y.Impl, type);
            long[] sizes = Shapes.Broadcast(Shapes.Broadcast(condition.Impl.Sizes, a.Sizes, "where"), b.Sizes, "where");
            TensorImpl result = TensorImpl.Allocate(sizes, type);
            Select(result, condition.Impl, a, b);
            a.Release();
            b.Release();
            GC.KeepAlive(condition);
            var r = new Tensor(result);
            if (!Graph.Records(this, y))
                return r;
            return Graph.Record(r, "WhereBackward", [this, y], [condition], static (n, g) =>
            {
                Tensor mask = n.Saved(0);
                return
                [
                    n.Needs(0) ? g.masked_fill(mask.logical_not(), 0) : null,
                    n.Needs(1) ? g.masked_fill(mask, 0) : null,
                ];
            });
        }

        /// <summary>The value where the mask is set, this tensor elsewhere.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value)
        {
            if (mask.dtype != ScalarType.Bool)
                Errors.Throw($"masked_fill: the mask must be Boolean, not {mask.dtype}.");
            TensorImpl result = TensorImpl.Allocate(Shapes.Broadcast(Impl.Sizes, mask.Impl.Sizes, "masked_fill"), dtype);
            SelectValue(result, mask.Impl, value, Impl);
            GC.KeepAlive(mask);
            var r = new Tensor(result);
            return Graph.Records(this)
                ? Graph.Record(r, "MaskedFillBackward", [this], [mask], static (n, g) => [g.masked_fill(n.Saved(0), 0)])
                : r;
        }

        public Tensor masked_fill_(Tensor mask, Scalar value)
        {
            if (mask.dtype != ScalarType.Bool)
                Errors.Throw($"masked_fill_: the mask must be Boolean, not {mask.dtype}.");
            if (!Shapes.CanExpand(mask.Impl.Sizes, Impl.Sizes))
                Errors.Throw($"masked_fill_: mask {Errors.Text(mask.Impl.Sizes)} does not broadcast to {Errors.Text(Impl.Sizes)}.");
            return InPlace(
                "masked_fill_",
                false,
                (mask, value),
                static (t, s) => t.masked_fill(s.mask, s.value),
                static (t, s) =>
                {
                    SelectValue(t.Impl, s.mask.Impl, s.value, t.Impl);
                    GC.KeepAlive(s.mask);
                });
        }

        private static void Select(TensorImpl result, TensorImpl mask, TensorImpl a, TensorImpl b)
        {
            Operand to = result, m = Operand.Expand(mask, result.Sizes);
            Operand x = Operand.Expand(a, result.Sizes), y = Operand.Expand(b, result.Sizes);
            Run(result.ItemSize, to, m, x, y);
        }

        private static unsafe void SelectValue(TensorImpl result, TensorImpl mask, Scalar value, TensorImpl other)
        {
            long bits = Fill.Bits(value, result.DType);
            Run(result.ItemSize, result, Operand.Expand(mask, result.Sizes), new Operand(&bits), Operand.Expand(other, result.Sizes));
        }

        private static void Run(int itemSize, Operand to, Operand mask, Operand a, Operand b)
        {
            switch (itemSize)
            {
                case 1: Strided.For(new SelectRow<byte>(), to, mask, a, b); break;
                case 2: Strided.For(new SelectRow<ushort>(), to, mask, a, b); break;
                case 4: Strided.For(new SelectRow<uint>(), to, mask, a, b); break;
                default: Strided.For(new SelectRow<ulong>(), to, mask, a, b); break;
            }
        }
    }

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

    /// <summary>The positions where the condition holds, one tensor per axis.</summary>
    public static Tensor[] where(Tensor condition)
    {
        using Tensor positions = condition.nonzero();
        return positions.unbind(1);
    }
}
