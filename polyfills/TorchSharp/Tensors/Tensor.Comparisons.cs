namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Comparison.Relation<EqualRelation>(this, target, "eq");

        public Tensor eq(Scalar target) => Comparison.Relation<EqualRelation>(this, target);

        public Tensor ne(Tensor target) => Comparison.Relation<NotEqualRelation>(this, target, "ne");

        public Tensor ne(Scalar target) => Comparison.Relation<NotEqualRelation>(this, target);

        public Tensor lt(Tensor target) => Comparison.Relation<LessRelation>(this, target, "lt");

        public Tensor lt(Scalar target) => Comparison.Relation<LessRelation>(this, target);

        public Tensor le(Tensor target) => Comparison.Relation<LessOrEqualRelation>(this, target, "le");

        public Tensor le(Scalar target) => Comparison.Relation<LessOrEqualRelation>(this, target);

        public Tensor gt(Tensor target) => Comparison.Relation<GreaterRelation>(this, target, "gt");

        public Tensor gt(Scalar target) => Comparison.Relation<GreaterRelation>(this, target);

        public Tensor ge(Tensor target) => Comparison.Relation<GreaterOrEqualRelation>(this, target, "ge");

        public Tensor ge(Scalar target) => Comparison.Relation<GreaterOrEqualRelation>(this, target);

        /// <summary>Element by element, like <see cref="eq(Tensor)"/>.</summary>
        public Tensor equal(Tensor target) => eq(target);

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor less(Tensor target) => lt(target);

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor greater(Tensor target) => gt(target);

        public Tensor greater_equal(Tensor target) => ge(target);

        public Tensor logical_and(Tensor other) => Comparison.Relation<AndRelation>(this, other, "logical_and");

        public Tensor logical_or(Tensor other) => Comparison.Relation<OrRelation>(this, other, "logical_or");

        public Tensor logical_xor(Tensor other) => Comparison.Relation<XorRelation>(this, other, "logical_xor");

        public Tensor logical_not() => eq(0);

        public Tensor bitwise_and(Tensor other) => Bitwise(other, "bitwise_and", static (a, b) => a.logical_and(b), static (a, b) => a & b);

        public Tensor bitwise_or(Tensor other) => Bitwise(other, "bitwise_or", static (a, b) => a.logical_or(b), static (a, b) => a | b);

        public Tensor bitwise_xor(Tensor other) => Bitwise(other, "bitwise_xor", static (a, b) => a.logical_xor(b), static (a, b) => a ^ b);

        public Tensor bitwise_not()
        {
            if (dtype == ScalarType.Bool)
                return logical_not();
            if (!is_integral())
                Errors.Throw($"bitwise_not: not defined for {dtype}.");
            using Arena arena = Arena.Open();
            return arena.Keep(neg().sub(1));
        }

        public Tensor isnan() => ne(this);

        public Tensor isinf()
        {
            using Arena arena = Arena.Open();
            return arena.Keep(Magnitude().eq(double.PositiveInfinity));
        }

        public Tensor isfinite()
        {
            using Arena arena = Arena.Open();
            return arena.Keep(Magnitude().lt(double.PositiveInfinity));
        }

        public Tensor isposinf() => eq(double.PositiveInfinity);

        public Tensor isneginf() => eq(double.NegativeInfinity);

        /// <summary>|this − other| ≤ atol + rtol · |other|, element by element; equal infinities are close.</summary>
        public Tensor isclose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool nanEqual = false)
        {
            using Arena arena = Arena.Open();
            using var mode = new GradMode(false);
            Tensor close = sub(other).abs().le(other.abs().mul(rtol).add(atol)).logical_and(other.isfinite()).logical_or(eq(other));
            return arena.Keep(nanEqual ? close.logical_or(isnan().logical_and(other.isnan())) : close);
        }

        public bool allclose(Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false)
        {
            using Arena arena = Arena.Open();
            return isclose(target, rtol, atol, equal_nan).all().item<bool>();
        }

        private Tensor Magnitude()
        {
            using var mode = new GradMode(false);
            return is_floating_point() ? abs() : to_type(ScalarType.Float32).abs();
        }

        private Tensor Bitwise(Tensor other, string call, Func<Tensor, Tensor, Tensor> booleans, Func<long, long, long> integers)
        {
            if (!is_integral() || !other.is_integral())
                Errors.Throw($"{call}: not defined for {dtype} and {other.dtype}.");
            if (dtype == ScalarType.Bool && other.dtype == ScalarType.Bool)
                return booleans(this, other);
            using Arena arena = Arena.Open();
            Tensor a = to_type(ScalarType.Int64), b = other.to_type(ScalarType.Int64);
            long[] sizes = Shapes.Broadcast(a.Impl.Sizes, b.Impl.Sizes, call);
            a = a.expand(sizes).contiguous();
            b = b.expand(sizes).contiguous();
            Tensor r = empty(sizes, ScalarType.Int64);
            Span<long> x = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(a.bytes);
            Span<long> y = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(b.bytes);
            Span<long> z = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(r.bytes);
            for (int i = 0; i < z.Length; i++)
                z[i] = integers(x[i], y[i]);
            return arena.Keep(r.to_type(DTypes.Result(this, other)));
        }
    }

    public static Tensor eq(Tensor left, Tensor right) => left.eq(right);

    public static Tensor ne(Tensor left, Tensor right) => left.ne(right);

    public static Tensor lt(Tensor left, Tensor right) => left.lt(right);

    public static Tensor gt(Tensor left, Tensor right) => left.gt(right);

    public static Tensor isnan(Tensor input) => input.isnan();

    public static Tensor isinf(Tensor tensor) => tensor.isinf();

    public static Tensor isfinite(Tensor tensor) => tensor.isfinite();

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);
}
