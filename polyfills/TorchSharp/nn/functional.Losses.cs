namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>(input − target)², reduced.</summary>
            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
            {
                using Arena arena = Arena.Open();
                return arena.Keep(Reduce((input - target).square(), reduction));
            }

            /// <summary>
            /// Kullback–Leibler divergence of the distribution <paramref name="target"/> from exp(<paramref name="input"/>), element by
            /// element, reduced. The mean is over all elements, not over distributions. Unlike in Python <paramref name="log_target"/> is true by default.
            /// </summary>
            /// <param name="input">Log-probabilities.</param>
            /// <param name="target">Log-probabilities, or probabilities if <paramref name="log_target"/> is false.</param>
            /// <param name="log_target">What <paramref name="target"/> holds.</param>
            /// <param name="reduction">Mean, sum or none.</param>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean)
            {
                using Arena arena = Arena.Open();
                if (log_target)
                    return arena.Keep(Reduce(target.exp() * (target - input), reduction));

                Tensor isZero = target.eq(0);
                Tensor logarithm = target.masked_fill(isZero, 1).log(); // 0·log 0 counts as 0, in the gradient, too
                return arena.Keep(Reduce(target * logarithm - target * input, reduction));
            }

            private static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
            {
                Reduction.None => losses,
                Reduction.Mean => losses.mean(),
                Reduction.Sum => losses.sum(),
                _ => throw new ArgumentOutOfRangeException(nameof(reduction)),
            };
        }
    }
}
