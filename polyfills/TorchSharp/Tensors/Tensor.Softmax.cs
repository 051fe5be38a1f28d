namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor softmax(long dim, ScalarType? dtype = null) => Softmax(dim, dtype, false, "softmax");

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Softmax(dim, dtype, true, "log_softmax");

        /// <summary>log Σ exp along an axis, without overflow.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false)
        {
            using Arena arena = Arena.Open();
            Tensor x = is_floating_point() ? this : to_type(s_defaultDType);
            Tensor max = x.detach().amax([dim], keepdim: true);
            max = max.masked_fill(max.isinf(), 0);
            Tensor sum = x.sub(max).exp().sum(dim, keepdim: true).log().add(max);
            return arena.Keep(keepdim || ndim == 0 ? sum : sum.squeeze(dim));
        }

        private Tensor Softmax(long dim, ScalarType? type, bool log, string call)
        {
            int axis = Shapes.Axis(dim, Impl.Rank, call);
            ScalarType target = type ?? dtype;
            if (!torch.is_floating_point(target))
                Errors.Throw($"{call}: not defined for {target}; pass a floating point type.");
            int last = Impl.Rank - 1;
            if (Impl.Rank == 0 || axis != last || DTypes.IsReduced(target) || target != dtype)
            {
                using Arena arena = Arena.Open();
                Tensor x = to_type(DTypes.IsReduced(target) ? ScalarType.Float32 : target);
                if (Impl.Rank == 0)
                    return arena.Keep(x.reshape(1).Softmax(0, null, log, call).reshape().to_type(target));
                return arena.Keep(x.transpose(axis, last).Softmax(last, null, log, call).transpose(axis, last).to_type(target));
            }

            TensorImpl input = Copies.Contiguous(Impl);
            var r = new Tensor(SoftmaxRows.Forward(input, log));
            input.Release();
            if (!Graph.Records(this))
                return r;
            return Graph.Record(r, log ? "LogSoftmaxBackward" : "SoftmaxBackward", [this], [r], static (n, g) =>
            {
                bool log = (bool)n.Data!;
                Tensor y = n.Saved(0);
                if (GradMode.IsEnabled)
                {
                    return log
                        ? [g.sub(y.exp().mul(g.sum(-1, keepdim: true)))]
                        : [y.mul(g.sub(g.mul(y).sum(-1, keepdim: true)))];
                }

                TensorImpl grad = Copies.Contiguous(g.Impl);
                var dx = new Tensor(SoftmaxRows.Backward(grad, y.Impl, log));
                grad.Release();
                return [dx];
            }, log);
        }
    }

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => input.logsumexp(dim, keepdim);
}
