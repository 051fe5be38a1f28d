namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor pow(Scalar exponent)
        {
            if (!is_floating_point() && !exponent.IsFloat && exponent.Long < 0)
                Errors.Throw("pow: whole numbers cannot be raised to negative whole powers.");
            if (exponent.Double == 2)
                return DTypes.Result(dtype, exponent) == dtype ? square() : Pointwise.BinaryScalar<PowKernel>(this, exponent);
            Tensor r = exponent.Double == 0.5 && is_floating_point()
                ? Pointwise.Float<SqrtKernel>(this)
                : Pointwise.BinaryScalar<PowKernel>(this, exponent);
            if (!Graph.Records(this))
                return r;
            return Graph.Record(r, "PowBackward", [this], [this], static (n, g) =>
            {
                double e = ((Scalar)n.Data!).Double;
                return [e == 0 ? g.mul(0) : g.mul(n.Saved(0).pow(e - 1)).mul(e)];
            }, exponent);
        }

        public Tensor pow(Tensor exponent)
        {
            Tensor r = Pointwise.Binary<PowKernel>(this, exponent, "pow");
            if (!Graph.Records(this, exponent))
                return r;
            return Graph.Record(r, "PowBackward", [this, exponent], [this, exponent, r], static (n, g) =>
            {
                Tensor x = n.Saved(0), e = n.Saved(1);
                Tensor? dx = n.Needs(0) ? torch.where(e.eq(0), zeros(1, dtype: g.dtype), g.mul(e).mul(x.pow(e.sub(1)))) : null;
                Tensor? de = n.Needs(1) ? torch.where(x.eq(0), zeros(1, dtype: g.dtype), g.mul(n.Saved(2)).mul(x.log())) : null;
                return [dx, de];
            });
        }

        public Tensor remainder(Scalar scalar)
        {
            Tensor r = Pointwise.BinaryScalar<RemainderKernel>(this, scalar);
            return Graph.Records(this) ? Graph.Record(r, "RemainderBackward", [this], [], static (_, g) => [g]) : r;
        }

        public Tensor remainder(Tensor target)
        {
            if (Graph.Records(target))
                throw Errors.Unsupported("remainder", "the gradient of the divisor is not part of the embedded backend.");
            Tensor r = Pointwise.Binary<RemainderKernel>(this, target, "remainder");
            return Graph.Records(this) ? Graph.Record(r, "RemainderBackward", [this], [], static (_, g) => [g]) : r;
        }

        public Tensor floor_divide(Tensor other) => div(other, RoundingMode.floor);

        public Tensor floor_divide(Scalar other) => div(other, RoundingMode.floor);

        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);

        public static Tensor operator %(Tensor left, Scalar right) => left.remainder(right);

        public static Tensor operator %(Tensor left, int right) => left.remainder(right);

        public static Tensor operator %(Tensor left, long right) => left.remainder(right);

        public static Tensor operator %(Tensor left, float right) => left.remainder(right);

        public static Tensor operator %(Tensor left, double right) => left.remainder(right);

        /// <summary>Limits the elements; not-a-number stays. The gradient passes where the limits do not bind.</summary>
        public Tensor clamp(Scalar? min = null, Scalar? max = null)
        {
            if (min is null && max is null)
                Errors.Throw("clamp: at least one of min and max must be given.");
            Tensor r;
            using (Arena arena = Arena.Open())
            {
                Tensor low = min is null ? this : Pointwise.BinaryScalar<MaximumKernel>(this, min);
                r = arena.Keep(max is null ? low : Pointwise.BinaryScalar<MinimumKernel>(low, max));
            }

            if (!Graph.Records(this))
                return r;
            return Graph.Record(r, "ClampBackward", [this], [this], static (n, g) =>
            {
                (Scalar? min, Scalar? max) = ((Scalar?, Scalar?))n.Data!;
                Tensor x = n.Saved(0);
                Tensor inside = min is null ? x.le(max!) : max is null ? x.ge(min) : x.ge(min).logical_and(x.le(max));
                return [g.mul(inside.to_type(g.dtype))];
            }, (min, max));
        }

        public Tensor clamp(Tensor? min = null, Tensor? max = null)
        {
            using Arena arena = Arena.Open();
            Tensor r = min is null ? this : maximum(min);
            return arena.Keep(max is null ? (min is null ? alias() : r) : r.minimum(max));
        }

        public Tensor clamp_min(Scalar min) => clamp(min: min, max: null);

        public Tensor clamp_max(Scalar max) => clamp(min: null, max: max);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        /// <summary>The larger of two elements; the gradient is shared where they are equal.</summary>
        public Tensor maximum(Tensor other)
        {
            Tensor r = Pointwise.Binary<MaximumKernel>(this, other, "maximum");
            return Graph.Records(this, other)
                ? Graph.Record(r, "MaximumBackward", [this, other], [this, other], static (n, g) => Chosen(n, g, static (a, b) => a.gt(b)))
                : r;
        }

        public Tensor minimum(Tensor other)
        {
            Tensor r = Pointwise.Binary<MinimumKernel>(this, other, "minimum");
            return Graph.Records(this, other)
                ? Graph.Record(r, "MinimumBackward", [this, other], [this, other], static (n, g) => Chosen(n, g, static (a, b) => a.lt(b)))
                : r;
        }

        public Tensor max(Tensor other) => maximum(other);

        public Tensor min(Tensor other) => minimum(other);

        private static Tensor?[] Chosen(OpNode n, Tensor g, Func<Tensor, Tensor, Tensor> wins)
        {
            Tensor a = n.Saved(0), b = n.Saved(1);
            Tensor half = a.eq(b).to_type(g.dtype).mul(0.5);
            return
            [
                n.Needs(0) ? g.mul(wins(a, b).to_type(g.dtype).add(half)) : null,
                n.Needs(1) ? g.mul(wins(b, a).to_type(g.dtype).add(half)) : null,
            ];
        }
    }

    public static Tensor pow(Tensor left, Tensor exponent) => left.pow(exponent);

    public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

    public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);

    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);
}
