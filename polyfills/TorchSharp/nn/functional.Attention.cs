namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>softmax(query·keyᵀ / √width + mask)·value. A query that may look at nothing gets zeros.</summary>
            /// <param name="query">[…, queries, width].</param>
            /// <param name="key">[…, keys, width].</param>
            /// <param name="value">[…, keys, outputs].</param>
            /// <param name="attn_mask">Broadcast to […, queries, keys]: Boolean, true where a query may look; or added to the scores.</param>
            /// <param name="p">Dropout of the weights; only 0 in the embedded backend, which draws no random numbers.</param>
            /// <param name="is_casual">Query i sees keys 0 … i. Excludes <paramref name="attn_mask"/>.</param>
            /// <returns>[…, queries, outputs].</returns>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (p != 0)
                    throw Errors.Unsupported("scaled_dot_product_attention", "the embedded backend has no dropout.");
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("scaled_dot_product_attention: attn_mask and is_casual exclude each other.");
                RequireAttentionShapes(query, key, value);

                using Arena arena = Arena.Open();
                double scale = 1 / Math.Sqrt(query.shape[^1]);
                Tensor scores = (query * scale).matmul(key.transpose(-2, -1)); // […, queries, keys]
                Tensor? allowed = is_casual
                    ? ones([query.shape[^2], key.shape[^2]], ScalarType.Bool).tril()
                    : attn_mask?.dtype == ScalarType.Bool ? attn_mask : null;
                if (allowed is not null)
                    scores = scores.masked_fill(allowed.logical_not(), double.NegativeInfinity);
                else if (attn_mask is not null)
                    scores = scores + attn_mask;
                if (attn_mask is null)
                    return arena.Keep(scores.softmax(-1).matmul(value));

                Tensor blind = scores.detach().eq(double.NegativeInfinity).all(-1, keepdim: true); // […, queries, 1]
                Tensor weights = scores.masked_fill(blind, 0).softmax(-1).masked_fill(blind, 0);
                return arena.Keep(weights.matmul(value));
            }

            private static void RequireAttentionShapes(Tensor query, Tensor key, Tensor value)
            {
                if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2
                    || query.shape[^1] != key.shape[^1] || key.shape[^2] != value.shape[^2])
                {
                    Errors.Throw(
                        "scaled_dot_product_attention: query, key and value must be […, queries, width], […, keys, width] and […, keys, outputs], got "
                        + $"{Errors.Text(query.Impl.Sizes)}, {Errors.Text(key.Impl.Sizes)} and {Errors.Text(value.Impl.Sizes)}.");
                }
            }
        }
    }
}
