namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>(input − mean) / √(variance + eps) · weight + bias, with mean and variance (biased) over the last dimensions.</summary>
            /// <param name="input">[…, normalized_shape].</param>
            /// <param name="normalized_shape">The last dimensions of the input.</param>
            /// <param name="weight">Of shape normalized_shape.</param>
            /// <param name="bias">Of shape normalized_shape.</param>
            /// <param name="eps">Added to the variance.</param>
            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                int first = (int)input.ndim - normalized_shape.Length;
                if (first < 0 || !input.Impl.Sizes.AsSpan(first).SequenceEqual(normalized_shape))
                    Errors.Throw($"layer_norm: input {Errors.Text(input.Impl.Sizes)} does not end with {Errors.Text(normalized_shape)}.");

                using Arena arena = Arena.Open();
                long[] dims = [.. Enumerable.Range(first, normalized_shape.Length).Select(static axis => (long)axis)];
                Tensor centered = input - input.mean(dims, keepdim: true);
                Tensor variance = centered.square().mean(dims, keepdim: true);
                Tensor result = centered * (variance + eps).rsqrt();
                if (weight is not null)
                    result = result * weight;
                if (bias is not null)
                    result = result + bias;
                return arena.Keep(result);
            }

            /// <summary>input / max(‖input‖₂, eps) along a dimension.</summary>
            /// <param name="input">Any shape.</param>
            /// <param name="p">Only 2 in the embedded backend.</param>
            /// <param name="dim">The dimension of the vectors.</param>
            /// <param name="eps">Lower limit of the divisor.</param>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                if (p != 2)
                    throw Errors.Unsupported("normalize", $"the embedded backend has the Euclidean norm only, not p = {p}.");
                using Arena arena = Arena.Open();
                Tensor squared = input.square().sum([dim], keepdim: true);
                Tensor norm = squared.clamp_min(eps * eps).sqrt(); // limited before the root, whose slope at 0 is infinite
                return arena.Keep(input / norm);
            }
        }
    }
}
