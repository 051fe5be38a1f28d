namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target)
        {
            Tensor r = Binary<AddKernel, OrRelation>(this, target, "add");
            return Graph.Records(this, target) ? Graph.Record(r, "AddBackward", [this, target], [], static (_, g) => [g, g]) : r;
        }

        public Tensor add(Tensor target, Scalar alpha)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(add(target.mul(alpha)));
        }

        public Tensor add(Scalar scalar)
        {
            Tensor r = dtype == ScalarType.Bool ? AddBoolean(scalar) : Pointwise.BinaryScalar<AddKernel>(this, scalar);
            return Graph.Records(this) ? Graph.Record(r, "AddBackward", [this], [], static (_, g) => [g]) : r;
        }

        public Tensor add(Scalar scalar, Scalar alpha) => add(Product(scalar, alpha));

        public Tensor sub(Tensor target)
        {
            RejectBoolean(target, "sub");
            Tensor r = Pointwise.Binary<SubtractKernel>(this, target, "sub");
            return Graph.Records(this, target)
                ? Graph.Record(r, "SubBackward", [this, target], [], static (n, g) => [g, n.Needs(1) ? g.neg() : null])
                : r;
        }

        public Tensor sub(Scalar target)
        {
            Tensor r = Pointwise.BinaryScalar<SubtractKernel>(this, target);
            return Graph.Records(this) ? Graph.Record(r, "SubBackward", [this], [], static (_, g) => [g]) : r;
        }

        public Tensor mul(Tensor target)
        {
            Tensor r = Binary<MultiplyKernel, AndRelation>(this, target, "mul");
            if (!Graph.Records(this, target))
                return r;
            return Graph.Record(
                r,
                "MulBackward",
                [this, target],
                [target.Impl.RequiresGrad ? this : null, Impl.RequiresGrad ? target : null],
                static (n, g) => [n.Needs(0) ? g.mul(n.Saved(1)) : null, n.Needs(1) ? g.mul(n.Saved(0)) : null]);
        }

        public Tensor mul(Scalar target)
        {
            Tensor r = Pointwise.BinaryScalar<MultiplyKernel>(this, target);
            return Graph.Records(this)
                ? Graph.Record(r, "MulBackward", [this], [], static (n, g) => [g.mul((Scalar)n.Data!)], target)
                : r;
        }

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            if (rounding_mode != RoundingMode.None)
                return DivideRounded(target, rounding_mode);
            Tensor r = Pointwise.Binary<DivideKernel>(this, target, "div", toFloat: true);
            if (!Graph.Records(this, target))
                return r;
            return Graph.Record(
                r,
                "DivBackward",
                [this, target],
                [target.Impl.RequiresGrad ? this : null, target],
                static (n, g) =>
                {
                    Tensor divisor = n.Saved(1);
                    Tensor first = g.div(divisor);
                    return [first, n.Needs(1) ? first.mul(n.Saved(0)).div(divisor).neg() : null];
                });
        }

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            if (rounding_mode != RoundingMode.None)
                return DivideRounded(target, rounding_mode);
            Tensor r = Pointwise.BinaryScalar<DivideKernel>(this, target, toFloat: true);
            return Graph.Records(this)
                ? Graph.Record(r, "DivBackward", [this], [], static (n, g) => [g.div((Scalar)n.Data!)], target)
                : r;
        }

        public Tensor neg()
        {
            if (dtype == ScalarType.Bool)
                Errors.Throw("neg: not defined for Boolean tensors; use logical_not.");
            Tensor r = Pointwise.Number<NegateKernel>(this);
            return Graph.Records(this) ? Graph.Record(r, "NegBackward", [this], [], static (_, g) => [g.neg()]) : r;
        }

        public Tensor negative() => neg();

        public Tensor positive() => alias();

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor multiply(Tensor target) => mul(target);

        public Tensor multiply(Scalar target) => mul(target);

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor true_divide(Tensor other) => div(other);

        public Tensor true_divide(Scalar other) => div(other);

        /// <summary>this + value · tensor1 · tensor2.</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(add(tensor1.mul(tensor2).mul(value)));
        }

        /// <summary>this + value · tensor1 / tensor2.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(add(tensor1.div(tensor2).mul(value)));
        }

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(add(tensor1.div(tensor2)));
        }

        /// <summary>this + weight · (end − this).</summary>
        public Tensor lerp(Tensor end, Tensor weight)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(add(end.sub(this).mul(weight)));
        }

        /// <summary>value − tensor.</summary>
        internal static Tensor SubtractFrom(Scalar value, Tensor tensor)
        {
            Tensor r = Pointwise.BinaryScalar<SubtractKernel>(tensor, value, reversed: true);
            return Graph.Records(tensor) ? Graph.Record(r, "RsubBackward", [tensor], [], static (_, g) => [g.neg()]) : r;
        }

        /// <summary>value / tensor.</summary>
        internal static Tensor DivideInto(Scalar value, Tensor tensor)
        {
            Tensor r = Pointwise.BinaryScalar<DivideKernel>(tensor, value, reversed: true, toFloat: true);
            return Graph.Records(tensor)
                ? Graph.Record(r, "ReciprocalBackward", [tensor], [tensor, r], static (n, g) => [g.mul(n.Saved(1)).div(n.Saved(0)).neg()])
                : r;
        }

        private static Tensor Binary<TKernel, TBoolean>(Tensor a, Tensor b, string name)
            where TKernel : struct, INumberBinary
            where TBoolean : struct, IRelation =>
            a.dtype == ScalarType.Bool && b.dtype == ScalarType.Bool
                ? Comparison.Relation<TBoolean>(a, b, name)
                : Pointwise.Binary<TKernel>(a, b, name);

        private static Scalar Product(Scalar a, Scalar b) =>
            a.IsFloat || b.IsFloat ? Scalar.Of(a.Double * b.Double) : Scalar.Of(a.Long * b.Long);

        private Tensor AddBoolean(Scalar scalar)
        {
            if (scalar.Type == ScalarType.Bool)
            {
                using Arena arena = Arena.Open();
                return arena.Keep(scalar.IsTrue ? Fill.Full(Impl.Sizes, true, ScalarType.Bool) : clone());
            }

            return Pointwise.BinaryScalar<AddKernel>(this, scalar);
        }

        private void RejectBoolean(Tensor other, string call)
        {
            if (dtype == ScalarType.Bool && other.dtype == ScalarType.Bool)
                Errors.Throw($"{call}: not defined for two Boolean tensors; use logical_xor.");
        }

        private Tensor DivideRounded(Tensor target, RoundingMode mode)
        {
            ScalarType type = DTypes.Result(this, target);
            using Arena arena = Arena.Open();
            Tensor a = type == ScalarType.Int64 ? to_type(ScalarType.Float64) : this;
            Tensor quotient = a.div(target);
            Tensor rounded = mode == RoundingMode.floor ? quotient.floor() : quotient.trunc();
            return arena.Keep(rounded.dtype == type ? rounded : rounded.to_type(type));
        }

        private Tensor DivideRounded(Scalar target, RoundingMode mode)
        {
            ScalarType type = DTypes.Result(dtype, target);
            using Arena arena = Arena.Open();
            Tensor a = type == ScalarType.Int64 ? to_type(ScalarType.Float64) : this;
            Tensor quotient = a.div(target);
            Tensor rounded = mode == RoundingMode.floor ? quotient.floor() : quotient.trunc();
            return arena.Keep(rounded.dtype == type ? rounded : rounded.to_type(type));
        }
    }
}
