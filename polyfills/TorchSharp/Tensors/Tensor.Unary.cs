namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor exp() => Recorded(Pointwise.Float<ExpKernel>(this), "ExpBackward", true, static (n, g) => [g.mul(n.Saved(0))]);

        public Tensor exp2() =>
            Recorded(Pointwise.Float<Exp2Kernel>(this), "Exp2Backward", true, static (n, g) => [g.mul(n.Saved(0)).mul(Math.Log(2))]);

        public Tensor expm1() =>
            Recorded(Pointwise.Float<ExpM1Kernel>(this), "Expm1Backward", true, static (n, g) => [g.mul(n.Saved(0).add(1))]);

        public Tensor log() => Recorded(Pointwise.Float<LogKernel>(this), "LogBackward", false, static (n, g) => [g.div(n.Saved(0))]);

        public Tensor log2() =>
            Recorded(Pointwise.Float<Log2Kernel>(this), "Log2Backward", false, static (n, g) => [g.div(n.Saved(0).mul(Math.Log(2)))]);

        public Tensor log10() =>
            Recorded(Pointwise.Float<Log10Kernel>(this), "Log10Backward", false, static (n, g) => [g.div(n.Saved(0).mul(Math.Log(10)))]);

        public Tensor log1p() =>
            Recorded(Pointwise.Float<Log1PKernel>(this), "Log1pBackward", false, static (n, g) => [g.div(n.Saved(0).add(1))]);

        public Tensor sqrt() =>
            Recorded(Pointwise.Float<SqrtKernel>(this), "SqrtBackward", true, static (n, g) => [g.div(n.Saved(0).mul(2))]);

        public Tensor rsqrt() =>
            Recorded(Pointwise.Float<RsqrtKernel>(this), "RsqrtBackward", true, static (n, g) => [g.mul(n.Saved(0).pow(3)).mul(-0.5)]);

        public Tensor reciprocal() =>
            Recorded(Pointwise.Float<ReciprocalKernel>(this), "ReciprocalBackward", true, static (n, g) => [g.mul(n.Saved(0).square()).neg()]);

        public Tensor sigmoid() => Recorded(Pointwise.Float<SigmoidKernel>(this), "SigmoidBackward", true, static (n, g) =>
        {
            Tensor s = n.Saved(0);
            return [g.mul(s).mul(SubtractFrom(1, s))];
        });

        public Tensor tanh() => Recorded(
            Pointwise.Float<TanhKernel>(this), "TanhBackward", true, static (n, g) => [g.mul(SubtractFrom(1, n.Saved(0).square()))]);

        public Tensor sin() => Recorded(Pointwise.Float<SinKernel>(this), "SinBackward", false, static (n, g) => [g.mul(n.Saved(0).cos())]);

        public Tensor cos() =>
            Recorded(Pointwise.Float<CosKernel>(this), "CosBackward", false, static (n, g) => [g.mul(n.Saved(0).sin()).neg()]);

        /// <summary>Error function.</summary>
        public Tensor erf() => Recorded(
            Pointwise.Float<ErfKernel>(this),
            "ErfBackward",
            false,
            static (n, g) => [g.mul(n.Saved(0).square().neg().exp()).mul(2 / Math.Sqrt(Math.PI))]);

        public Tensor abs() => Recorded(Pointwise.Number<AbsKernel>(this), "AbsBackward", false, static (n, g) => [g.mul(n.Saved(0).sign())]);

        public Tensor absolute() => abs();

        public Tensor square() =>
            Recorded(Pointwise.Number<SquareKernel>(this), "SquareBackward", false, static (n, g) => [g.mul(n.Saved(0)).mul(2)]);

        public Tensor relu() => Recorded(
            Pointwise.Number<ReluKernel>(this), "ReluBackward", true, static (n, g) => [g.mul(n.Saved(0).gt(0).to_type(g.dtype))]);

        public Tensor sign() =>
            Recorded(Pointwise.Number<SignKernel>(this), "SignBackward", false, static (_, g) => [g.mul(0)]);

        public Tensor sgn() => sign();

        public Tensor floor() => Rounded<FloorKernel>();

        public Tensor ceil() => Rounded<CeilingKernel>();

        public Tensor trunc() => Rounded<TruncateKernel>();

        public Tensor fix() => trunc();

        public Tensor frac()
        {
            using Arena arena = Arena.Open();
            return arena.Keep(sub(trunc()));
        }

        public Tensor round(long decimals = 0)
        {
            if (decimals == 0)
                return Rounded<RoundKernel>();
            using Arena arena = Arena.Open();
            double scale = Math.Pow(10, decimals);
            return arena.Keep(mul(scale).round().div(scale));
        }

        /// <summary>x · sigmoid(x).</summary>
        public Tensor silu()
        {
            Tensor r;
            using (Arena arena = Arena.Open())
            {
                using var mode = new GradMode(false);
                r = arena.Keep(mul(sigmoid()));
            }

            return Recorded(r, "SiluBackward", false, static (n, g) =>
            {
                Tensor x = n.Saved(0), s = x.sigmoid();
                return [g.mul(s.mul(SubtractFrom(1, s).mul(x).add(1)))];
            });
        }

        /// <summary>Gaussian error linear unit, x · Φ(x).</summary>
        public Tensor gelu()
        {
            using Arena arena = Arena.Open();
            return arena.Keep(mul(mul(Math.Sqrt(0.5)).erf().add(1)).mul(0.5));
        }

        /// <summary>The Gaussian error linear unit, exactly or by its tanh approximation.</summary>
        public Tensor gelu(Modules.GELU.Approximate approximate)
        {
            if (approximate == Modules.GELU.Approximate.none)
                return gelu();
            using Arena arena = Arena.Open();
            Tensor inner = pow(3).mul(0.044715).add(this).mul(Math.Sqrt(2 / Math.PI));
            return arena.Keep(mul(inner.tanh().add(1)).mul(0.5));
        }

        /// <summary>log(sigmoid(x)) without overflow: min(x, 0) − log1p(exp(−|x|)).</summary>
        public Tensor log_sigmoid()
        {
            Tensor r;
            using (Arena arena = Arena.Open())
            {
                using var mode = new GradMode(false);
                r = arena.Keep(clamp_max(0).sub(abs().neg().exp().log1p()));
            }

            return Recorded(r, "LogSigmoidBackward", false, static (n, g) => [g.mul(n.Saved(0).neg().sigmoid())]);
        }

        /// <summary>log(1 + exp(beta · x)) / beta, and x itself where beta · x exceeds the threshold.</summary>
        public Tensor softplus(double beta = 1, double threshold = 20)
        {
            using Arena arena = Arena.Open();
            Tensor scaled = mul(beta);
            Tensor soft = scaled.clamp_max(threshold).exp().log1p().div(beta);
            return arena.Keep(torch.where(scaled.gt(threshold), this, soft));
        }

        public Tensor leaky_relu(Scalar negative_slope)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(torch.where(gt(0), this, mul(negative_slope)));
        }

        /// <summary>Records a function of this tensor that saved either its result or its argument.</summary>
        private Tensor Recorded(Tensor result, string name, bool saveResult, Func<OpNode, Tensor, Tensor?[]> formula) =>
            Graph.Records(this) ? Graph.Record(result, name, [this], [saveResult ? result : this], formula) : result;

        private Tensor Rounded<TKernel>()
            where TKernel : struct, IFloatUnary
        {
            if (!torch.is_floating_point(dtype))
                return Copies.Clone(this, contiguous: false);
            return Recorded(Pointwise.Float<TKernel>(this), "RoundBackward", false, static (_, g) => [g.mul(0)]);
        }
    }
}
