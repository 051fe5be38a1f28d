namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private const long DefaultIgnoreIndex = -100;

            /// <summary>Negative log-probability of target classes under softmax(input).</summary>
            /// <param name="input">Logits [classes], [batch, classes] or [batch, classes, …].</param>
            /// <param name="target">
            /// Class indices, int64, shaped like <paramref name="input"/> without the class dimension; or probabilities of its shape and dtype.
            /// </param>
            /// <param name="weight">Weight of each class [classes]. The mean is weighted, too.</param>
            /// <param name="ignore_index">Positions with this class index count for nothing.</param>
            /// <param name="reduction">Mean, sum or none. The mean of no position at all is not a number.</param>
            /// <param name="label_smoothing">Share of the target that is spread evenly over all classes, 0 … 1.</param>
            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = DefaultIgnoreIndex,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0)
            {
                using Arena arena = Arena.Open();
                bool indices = target.dtype == ScalarType.Int64;
                RequireClassShapes("cross_entropy", input, target, weight, indices);
                Tensor logits = ClassesLast(input); // [positions, classes]
                Tensor result;
                if (!indices)
                    result = SoftTargets(logits.log_softmax(1), ClassesLast(target), weight, label_smoothing, reduction);
                else if (weight is null && label_smoothing == 0 && SoftmaxLoss.Accepts(logits))
                    result = SoftmaxLoss.Apply(logits, target.reshape(-1), ignore_index, reduction);
                else
                    result = HardTargets(logits.log_softmax(1), target.reshape(-1), weight, ignore_index, label_smoothing, reduction);
                if (reduction == Reduction.None)
                    result = result.reshape(indices ? target.shape : ShapeWithoutClasses(input));
                return arena.Keep(result);
            }

            /// <summary>Negative value of <paramref name="input"/> at the target classes; positions with class −100 count for nothing.</summary>
            /// <param name="input">Log-probabilities [classes], [batch, classes] or [batch, classes, …].</param>
            /// <param name="target">Class indices, int64.</param>
            /// <param name="weight">Weight of each class [classes]. The mean is weighted, too.</param>
            /// <param name="reduction">Mean, sum or none.</param>
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
            {
                using Arena arena = Arena.Open();
                RequireClassShapes("nll_loss", input, target, weight, indices: true);
                Tensor result = HardTargets(ClassesLast(input), target.reshape(-1), weight, DefaultIgnoreIndex, 0, reduction);
                return arena.Keep(reduction == Reduction.None ? result.reshape(target.shape) : result);
            }

            /// <summary>Losses of class indices [positions] under log-probabilities [positions, classes].</summary>
            private static Tensor HardTargets(
                Tensor logProbabilities, Tensor target, Tensor? weight, long ignoreIndex, double smoothing, Reduction reduction)
            {
                Tensor counted = target.ne(ignoreIndex);
                Tensor safe = target.masked_fill(counted.logical_not(), 0);
                Tensor share = counted.to(logProbabilities.dtype); // [positions]
                if (weight is not null)
                    share = share * weight.index_select(0, safe);

                Tensor losses = logProbabilities.gather(1, safe.unsqueeze(1)).squeeze(1).neg() * share;
                if (smoothing != 0)
                {
                    Tensor weighted = weight is null ? logProbabilities : logProbabilities * weight;
                    Tensor spread = weighted.sum([1L]).neg() * counted.to(logProbabilities.dtype);
                    losses = losses * (1 - smoothing) + spread * (smoothing / logProbabilities.shape[1]);
                }

                return reduction == Reduction.Mean ? losses.sum() / share.sum() : Reduce(losses, reduction);
            }

            private static Tensor SoftTargets(
                Tensor logProbabilities, Tensor target, Tensor? weight, double smoothing, Reduction reduction)
            {
                long classes = logProbabilities.shape[1];
                if (smoothing != 0)
                    target = target * (1 - smoothing) + smoothing / classes;
                Tensor products = logProbabilities * target;
                if (weight is not null)
                    products = products * weight;
                return Reduce(products.sum([1L]).neg(), reduction); // the mean is over positions
            }

            /// <summary>[positions, classes] from [classes], [batch, classes] or [batch, classes, …].</summary>
            private static Tensor ClassesLast(Tensor tensor)
            {
                if (tensor.ndim <= 2)
                    return tensor.ndim == 2 ? tensor : tensor.unsqueeze(0);
                long[] order = [0, .. Enumerable.Range(2, (int)tensor.ndim - 2).Select(static axis => (long)axis), 1];
                return tensor.permute(order).reshape(-1, tensor.shape[1]);
            }

            private static long[] ShapeWithoutClasses(Tensor input)
                => input.ndim == 1 ? [] : [input.shape[0], .. input.shape[2..]];

            private static void RequireClassShapes(string call, Tensor input, Tensor target, Tensor? weight, bool indices)
            {
                if (input.ndim == 0)
                    Errors.Throw($"{call}: input needs a class dimension.");
                if (!indices && !is_floating_point(target.dtype))
                    Errors.Throw($"{call}: target must hold int64 class indices or probabilities, not {target.dtype}.");
                if (indices && target.dtype != ScalarType.Int64)
                    Errors.Throw($"{call}: target must hold int64 class indices, not {target.dtype}.");
                long[] expected = indices ? ShapeWithoutClasses(input) : input.shape;
                if (!expected.AsSpan().SequenceEqual(target.Impl.Sizes))
                {
                    Errors.Throw(
                        $"{call}: target {Errors.Text(target.Impl.Sizes)} does not match input {Errors.Text(input.Impl.Sizes)}: "
                        + $"expected {Errors.Text(expected)}.");
                }

                long classes = input.Impl.Sizes[input.ndim == 1 ? 0 : 1];
                if (weight is not null && (weight.ndim != 1 || weight.Impl.Sizes[0] != classes))
                    Errors.Throw($"{call}: weight {Errors.Text(weight.Impl.Sizes)} does not match {classes} classes.");
            }
        }
    }
}
