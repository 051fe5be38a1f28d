using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// <see cref="Sampler"/> as tensor operations, for logits that are better not copied to the host: the same rules, the same uniform
/// numbers, sums in float64, so that it draws the same tokens from the same logits.
/// </summary>
internal sealed class DeviceSampler(SamplingOptions options)
{
    private const double JustBelowOne = 1 - (1.0 / (1L << 52));

    /// <summary>One token of every row.</summary>
    /// <param name="logits">[rows, vocab] float32</param>
    /// <param name="uniform">[rows] float64 in [0, 1)</param>
    /// <returns>Ids, [rows] int64, and natural log-probabilities before top-k and top-p, [rows] float32; NaN where a row is not finite.</returns>
    internal (Tensor Ids, Tensor LogProbs) Draw(Tensor logits, Tensor uniform)
    {
        using DisposeScope scope = NewDisposeScope();
        if (options.EntropyMinimization is { } sharpening && options.Temperature > 0) logits = sharpening.Apply(logits);
        double scale = options.Temperature > 0 ? 1 / options.Temperature : 1;
        Tensor shifted = (logits - logits.amax([1], keepdim: true)).Times(scale); // [rows, vocab]
        Tensor weights = shifted.exp().to(ScalarType.Float64); // [rows, vocab]
        Tensor ids = options.Temperature == 0 ? logits.argmax(1) : Inverse(Kept(logits, weights), uniform); // [rows]
        Tensor total = weights.sum(dim: 1); // [rows]
        Tensor logProbs = shifted.gather(1, ids.unsqueeze(1)).squeeze(1).to(ScalarType.Float64) - total.log(); // [rows]
        return scope.MoveToOuter(ids, logProbs.to(ScalarType.Float32));
    }

    /// <summary>The lowest id at which the running sum of a row, in order of id, passes its uniform number times the whole.</summary>
    private static Tensor Inverse(Tensor weights, Tensor uniform)
    {
        Tensor running = weights.cumsum(1); // [rows, vocab]
        Tensor whole = running.narrow(1, running.shape[1] - 1, 1); // [rows, 1]
        // Rounding must not lift the target to the whole: the token found has a weight above zero then.
        Tensor target = minimum(uniform.unsqueeze(1) * whole, whole.Times(JustBelowOne)); // [rows, 1]
        return running.le(target).to(ScalarType.Int64).sum(dim: 1); // [rows]
    }

    /// <summary>The weights with everything outside top-k and nucleus set to zero.</summary>
    private Tensor Kept(Tensor logits, Tensor weights)
    {
        if (options.TopK == 0 && options.TopP >= 1) return weights;
        (_, Tensor order) = logits.sort(1, descending: true, stable: true); // [rows, vocab], equal logits by ascending id
        if (options.TopK > 0 && options.TopK < order.shape[1]) order = order.narrow(1, 0, options.TopK);
        Tensor ranked = weights.gather(1, order); // [rows, ranks]
        if (options.TopP < 1)
        {
            Tensor running = ranked.cumsum(1);
            Tensor whole = running.narrow(1, running.shape[1] - 1, 1);
            ranked = where((running - ranked).ge(whole.Times(options.TopP)), zeros_like(ranked), ranked);
        }

        return zeros_like(weights).scatter(1, order, ranked);
    }
}
