namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor zero_() => Impl.RequiresGrad && GradMode.IsEnabled
            ? throw Errors.Native("zero_: a derivative is not implemented; use mul_(0).")
            : InPlace("zero_", false, 0, static (t, _) => t, static (t, _) => Fill.Zero(t.Impl));

        public Tensor fill_(Scalar value) =>
            InPlace("fill_", false, value, static (t, v) => t.mul(0).add(v), static (t, v) => Fill.Into(t.Impl, v));

        public Tensor add_(Tensor target) => Direct<AddKernel>("add_", target, static (a, b) => a.add(b));

        public Tensor add_(Tensor target, Scalar alpha)
        {
            using Arena arena = Arena.Open();
            return add_(target.mul(alpha));
        }

        public Tensor add_(Scalar scalar) => DirectScalar<AddKernel>("add_", scalar, static (a, s) => a.add(s));

        public Tensor add_(Scalar scalar, Scalar alpha) => add_(Product(scalar, alpha));

        public Tensor sub_(Tensor target) => Direct<SubtractKernel>("sub_", target, static (a, b) => a.sub(b));

        public Tensor sub_(Scalar target) => DirectScalar<SubtractKernel>("sub_", target, static (a, s) => a.sub(s));

        public Tensor subtract_(Tensor target) => sub_(target);

        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul_(Tensor target) => Direct<MultiplyKernel>("mul_", target, static (a, b) => a.mul(b));

        public Tensor mul_(Scalar target) => DirectScalar<MultiplyKernel>("mul_", target, static (a, s) => a.mul(s));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Direct<DivideKernel>("div_", target, static (a, b) => a.div(b))
            : InPlaceWith("div_", target, (a, b) => a.div(b, rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? DirectScalar<DivideKernel>("div_", target, static (a, s) => a.div(s))
            : InPlace("div_", t => t.div(target, rounding_mode));

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            using Arena arena = Arena.Open();
            return add_(tensor1.mul(tensor2).mul_(value));
        }

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            using Arena arena = Arena.Open();
            return add_(tensor1.div(tensor2).mul_(value));
        }

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2)
        {
            using Arena arena = Arena.Open();
            return add_(tensor1.div(tensor2));
        }

        public Tensor lerp_(Tensor end, Tensor weight)
        {
            using Arena arena = Arena.Open();
            return add_(end.sub(this).mul_(weight));
        }

        /// <summary>this = beta · this + alpha · mat1 · mat2; with both factors one, the product is added in the matrix kernel.</summary>
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => InPlace(
            "addmm_",
            mat1.Impl.RequiresGrad || mat2.Impl.RequiresGrad,
            (mat1, mat2, beta, alpha),
            static (t, s) => t.addmm(s.mat1, s.mat2, s.beta, s.alpha),
            static (t, s) =>
            {
                if (s.beta == 1 && s.alpha == 1 && Products.TryAddProduct(t, s.mat1, s.mat2))
                    return;
                using Arena arena = Arena.Open();
                t.Overwrite("addmm_", t.addmm(s.mat1, s.mat2, s.beta, s.alpha));
            });

        public Tensor neg_() => InPlace("neg_", static t => t.neg());

        public Tensor abs_() => InPlace("abs_", static t => t.abs());

        public Tensor exp_() => DirectFloat<ExpKernel>("exp_", static t => t.exp());

        public Tensor log_() => DirectFloat<LogKernel>("log_", static t => t.log());

        public Tensor sqrt_() => DirectFloat<SqrtKernel>("sqrt_", static t => t.sqrt());

        public Tensor rsqrt_() => DirectFloat<RsqrtKernel>("rsqrt_", static t => t.rsqrt());

        public Tensor reciprocal_() => DirectFloat<ReciprocalKernel>("reciprocal_", static t => t.reciprocal());

        public Tensor sigmoid_() => DirectFloat<SigmoidKernel>("sigmoid_", static t => t.sigmoid());

        public Tensor tanh_() => DirectFloat<TanhKernel>("tanh_", static t => t.tanh());

        public Tensor sin_() => DirectFloat<SinKernel>("sin_", static t => t.sin());

        public Tensor cos_() => DirectFloat<CosKernel>("cos_", static t => t.cos());

        public Tensor floor_() => InPlace("floor_", static t => t.floor());

        public Tensor ceil_() => InPlace("ceil_", static t => t.ceil());

        public Tensor trunc_() => InPlace("trunc_", static t => t.trunc());

        public Tensor round_(long decimals = 0L) => InPlace("round_", t => t.round(decimals));

        public Tensor relu_() => InPlace(
            "relu_", false, 0, static (t, _) => t.relu(), static (t, _) => Pointwise.NumberInto<ReluKernel>(t.Impl, t.Impl));

        public Tensor silu_() => InPlace("silu_", static t => t.silu());

        public Tensor gelu_() => InPlace("gelu_", static t => t.gelu());

        public Tensor gelu_(Modules.GELU.Approximate approximate) => InPlace("gelu_", t => t.gelu(approximate));

        public Tensor leaky_relu_(Scalar negative_slope) => InPlace("leaky_relu_", t => t.leaky_relu(negative_slope));

        public Tensor pow_(Scalar exponent) => InPlace("pow_", t => t.pow(exponent));

        public Tensor pow_(Tensor exponent) => InPlaceWith("pow_", exponent, static (a, b) => a.pow(b));

        public Tensor remainder_(Scalar scalar) => InPlace("remainder_", t => t.remainder(scalar));

        public Tensor clamp_(Scalar? min = null, Scalar? max = null)
        {
            if (min is null && max is null)
                Errors.Throw("clamp_: at least one of min and max must be given.");
            return InPlace("clamp_", false, (min, max), static (t, s) => t.clamp(s.min, s.max), static (t, s) =>
            {
                if (s.min is not null)
                    Pointwise.ScalarInto<MaximumKernel>(t.Impl, t.Impl, s.min);
                if (s.max is not null)
                    Pointwise.ScalarInto<MinimumKernel>(t.Impl, t.Impl, s.max);
            });
        }

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => InPlace("clamp_", t => t.clamp(min, max));

        public Tensor clamp_min_(Scalar min) => clamp_(min: min, max: null);

        public Tensor clamp_max_(Scalar max) => clamp_(min: null, max: max);

        public Tensor logical_and_(Tensor other) => InPlaceWith("logical_and_", other, static (a, b) => a.logical_and(b));

        public Tensor logical_or_(Tensor other) => InPlaceWith("logical_or_", other, static (a, b) => a.logical_or(b));

        public Tensor logical_not_() => InPlace("logical_not_", static t => t.logical_not());

        private Tensor Direct<TKernel>(string call, Tensor target, Func<Tensor, Tensor, Tensor> plain)
            where TKernel : struct, INumberBinary
        {
            if (!Shapes.CanExpand(target.Impl.Sizes, Impl.Sizes))
                Errors.Throw($"{call}: {Errors.Text(target.Impl.Sizes)} does not broadcast to {Errors.Text(Impl.Sizes)}.");
            if (dtype == ScalarType.Bool || !is_floating_point())
                return InPlaceWith(call, target, plain);
            return InPlace(
                call,
                target.Impl.RequiresGrad,
                (target, plain),
                static (t, s) => s.plain(t, s.target),
                static (t, s) =>
                {
                    TensorImpl right = Copies.As(s.target.Impl, t.Impl.DType);
                    Pointwise.BinaryInto<TKernel>(t.Impl, t.Impl, right);
                    right.Release();
                });
        }

        private Tensor DirectScalar<TKernel>(string call, Scalar value, Func<Tensor, Scalar, Tensor> plain)
            where TKernel : struct, INumberBinary
        {
            if (!is_floating_point())
                return InPlace(call, t => plain(t, value));
            return InPlace(
                call,
                false,
                (value, plain),
                static (t, s) => s.plain(t, s.value),
                static (t, s) => Pointwise.ScalarInto<TKernel>(t.Impl, t.Impl, s.value));
        }

        private Tensor DirectFloat<TKernel>(string call, Func<Tensor, Tensor> plain)
            where TKernel : struct, IFloatUnary
        {
            if (!is_floating_point())
                Errors.Throw($"{call}: a floating point result cannot be stored in a tensor of type {dtype}.");
            return InPlace(call, false, plain, static (t, f) => f(t), static (t, _) => Pointwise.FloatInto<TKernel>(t.Impl, t.Impl));
        }
    }
}
