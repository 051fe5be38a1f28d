namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Indices as rows with a single 1.</summary>
            /// <param name="x">[…], int64, not negative.</param>
            /// <param name="num_classes">Number of classes; −1 takes the largest index plus one.</param>
            /// <returns>[…, classes], int64.</returns>
            public static Tensor one_hot(Tensor x, long num_classes = -1)
            {
                if (x.dtype != ScalarType.Int64)
                    Errors.Throw($"one_hot: needs int64 indices, not {x.dtype}.");
                if (x.numel() == 0 && num_classes <= 0)
                    Errors.Throw("one_hot: the number of classes cannot be seen from an empty tensor.");

                using Arena arena = Arena.Open();
                long largest = x.numel() == 0 ? -1 : x.max().item<long>();
                if (x.numel() > 0 && x.min().item<long>() < 0)
                    Errors.Throw("one_hot: class indices must not be negative.");
                if (num_classes == -1)
                    num_classes = largest + 1;
                if (largest >= num_classes)
                    Errors.Throw($"one_hot: index {largest} is out of bounds for {num_classes} classes.");
                Tensor result = zeros([.. x.shape, num_classes], ScalarType.Int64);
                Tensor index = x.unsqueeze(-1);
                result.scatter_(-1, index, ones_like(index));
                return arena.Keep(result);
            }

            /// <summary>Extends dimensions by a constant; negative amounts cut.</summary>
            /// <param name="input">Any shape.</param>
            /// <param name="pad">Amounts before and after the last dimension, then the one before it, and so on.</param>
            /// <param name="mode">Only <see cref="PaddingModes.Constant"/> in the embedded backend.</param>
            /// <param name="value">The constant.</param>
            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                if (mode != PaddingModes.Constant)
                    throw Errors.Unsupported("pad", $"the embedded backend has PaddingModes.Constant only, not {mode}.");
                if (pad.Length % 2 != 0 || pad.Length / 2 > input.ndim)
                    Errors.Throw($"pad: {pad.Length} amounts do not fit a tensor of {input.ndim} dimensions.");

                using Arena arena = Arena.Open();
                Tensor result = input.alias();
                for (int i = 0; i < pad.Length; i += 2)
                    result = PadDimension(result, (int)input.ndim - 1 - i / 2, pad[i], pad[i + 1], value);
                return arena.Keep(result);
            }

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, pad.AsSpan(), mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            private static Tensor PadDimension(Tensor input, int dim, long before, long after, double value)
            {
                long size = input.shape[dim];
                long start = Math.Max(0, -before);
                long length = size - start - Math.Max(0, -after);
                if (length < 0)
                    Errors.Throw($"pad: dimension {dim} of {size} elements cannot be cut by {-before} and {-after}.");
                Tensor kept = length == size ? input : input.narrow(dim, start, length);
                if (before <= 0 && after <= 0)
                    return kept;

                var parts = new List<Tensor>(3);
                if (before > 0)
                    parts.Add(Block(before));
                parts.Add(kept);
                if (after > 0)
                    parts.Add(Block(after));
                return cat(parts, dim);

                Tensor Block(long count)
                {
                    long[] shape = [.. input.shape];
                    shape[dim] = count;
                    return full(shape, value, input.dtype);
                }
            }
        }
    }
}
