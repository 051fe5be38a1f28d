using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Reasoning.Models;

/// <summary>
/// Draws one token from one row of logits. A pure function of the logits, the options and one uniform number: top-k first,
/// then the nucleus (Holtzman et al. 2020, arXiv:1904.09751) of what top-k left; equal logits rank by ascending id.
/// </summary>
internal static class Sampler
{
    private const int Block = 256;

    /// <summary>A token and its natural log-probability before top-k and top-p.</summary>
    internal readonly record struct Draw(int Id, float LogProb);

    /// <summary>Draws from <paramref name="logits"/>; <paramref name="uniform"/> in [0, 1) decides, at temperature 0 nothing does.</summary>
    /// <exception cref="ArithmeticException">The largest logit is not finite: the model has broken.</exception>
    internal static Draw Next(ReadOnlySpan<float> logits, SamplingOptions options, double uniform)
    {
        int best = IndexOfMax(logits);
        float max = logits[best];
        if (!float.IsFinite(max))
            throw new ArithmeticException($"the largest logit is {max}");

        double scale = options.Temperature > 0 ? 1 / options.Temperature : 1;
        float[] weights = ArrayPool<float>.Shared.Rent(logits.Length);
        double[] sums = ArrayPool<double>.Shared.Rent((logits.Length / Block) + 1);
        try
        {
            Span<float> weight = weights.AsSpan(0, logits.Length);
            double total = Exponentiate(logits, max, (float)scale, weight, sums);
            int id = options.Temperature == 0 ? best
                : options.TopK > 0 || options.TopP < 1 ? DrawTop(logits, weight, total, max, options, uniform)
                : DrawAny(weight, sums, total, uniform);
            return new Draw(id, (float)(((logits[id] - (double)max) * scale) - Math.Log(total)));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(weights);
            ArrayPool<double>.Shared.Return(sums);
        }
    }

    /// <summary>The lowest index of the largest value; the index of a NaN if there is one.</summary>
    internal static int IndexOfMax(ReadOnlySpan<float> values)
    {
        float max = TensorPrimitives.Max(values);
        if (float.IsNaN(max))
            return values.IndexOf(float.NaN);

        int i = 0;
        var wanted = Vector512.Create(max);
        for (; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count)
        {
            if (Vector512.EqualsAny(Vector512.Create(values[i..]), wanted))
                break;
        }

        while (values[i] != max)
            i++;
        return i;
    }

    /// <summary>weight = exp((logit − max) · scale); returns the sum, and the running sum up to the start of each block in <paramref name="before"/>.</summary>
    private static double Exponentiate(ReadOnlySpan<float> logits, float max, float scale, Span<float> weight, double[] before)
    {
        double total = 0;
        for (int start = 0, block = 0; start < logits.Length; start += Block, block++)
        {
            int length = Math.Min(Block, logits.Length - start);
            Span<float> part = weight.Slice(start, length);
            TensorPrimitives.Subtract(logits.Slice(start, length), max, part);
            TensorPrimitives.Multiply(part, scale, part);
            TensorPrimitives.Exp(part, part);
            before[block] = total;
            total += Sum(part);
        }

        return total;
    }

    /// <summary>Sum in float64 whose order depends on the length only, never on where the values lie in memory.</summary>
    internal static double Sum(ReadOnlySpan<float> values)
    {
        Vector512<double> low = default, high = default;
        int i = 0;
        for (; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count)
        {
            (Vector512<double> a, Vector512<double> b) = Vector512.Widen(Vector512.Create(values[i..]));
            low += a;
            high += b;
        }

        double sum = Vector512.Sum(low + high);
        for (; i < values.Length; i++)
            sum += values[i];
        return sum;
    }

    /// <summary>The token at which the running sum, in order of id, passes uniform · total.</summary>
    private static int DrawAny(ReadOnlySpan<float> weight, double[] before, double total, double uniform)
    {
        double target = uniform * total;
        int block = (weight.Length - 1) / Block;
        while (before[block] > target)
            block--;

        double sum = before[block];
        int last = -1;
        for (int id = block * Block; id < weight.Length; id++)
        {
            if (weight[id] == 0)
                continue;
            last = id;
            sum += weight[id];
            if (sum > target)
                return id;
        }

        // Rounding left the target above the last partial sum: the last token that can be drawn, wherever it is.
        return last >= 0 ? last : weight.LastIndexOfAnyExcept(0f);
    }

    /// <summary>
    /// Ranks only the tokens above a logit threshold that is lowered until they suffice: a few dozen of a peaked distribution,
    /// whatever the vocabulary.
    /// </summary>
    private static int DrawTop(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weight, double total, float max, SamplingOptions options, double uniform)
    {
        ulong[] ranked = ArrayPool<ulong>.Shared.Rent(logits.Length);
        try
        {
            int count = 0;
            int wanted = options.TopK > 0 ? Math.Min(options.TopK, logits.Length) : 0;
            for (double depth = 4; ; depth *= 2)
            {
                bool all = depth > 100;
                float threshold = all ? float.NegativeInfinity : (float)(max - (depth * options.Temperature));
                count = Gather(logits, threshold, ranked);
                if (all || (wanted > 0 ? count >= wanted : Mass(ranked.AsSpan(0, count), weight) >= options.TopP * total))
                    break;
            }

            Span<ulong> candidates = ranked.AsSpan(0, count);
            candidates.Sort();
            if (wanted > 0)
            {
                candidates = candidates[..wanted];
                total = Mass(candidates, weight);
            }

            (int kept, double mass) = Nucleus(candidates, weight, options.TopP < 1 ? options.TopP * total : double.PositiveInfinity);
            double target = uniform * mass;
            double sum = 0;
            for (int i = 0; i < kept; i++)
            {
                sum += weight[Id(candidates[i])];
                if (sum > target)
                    return Id(candidates[i]);
            }

            return Id(candidates[0]);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(ranked);
        }
    }

    /// <summary>How many of the ranked tokens it takes to reach <paramref name="mass"/>, and what they weigh together.</summary>
    private static (int Count, double Mass) Nucleus(ReadOnlySpan<ulong> ranked, ReadOnlySpan<float> weight, double mass)
    {
        double sum = 0;
        for (int i = 0; i < ranked.Length; i++)
        {
            sum += weight[Id(ranked[i])];
            if (sum >= mass)
                return (i + 1, sum);
        }

        return (ranked.Length, sum);
    }

    private static double Mass(ReadOnlySpan<ulong> tokens, ReadOnlySpan<float> weight)
    {
        double sum = 0;
        foreach (ulong token in tokens)
            sum += weight[Id(token)];
        return sum;
    }

    /// <summary>Writes the keys of all tokens with logit ≥ <paramref name="threshold"/> in order of id; returns how many.</summary>
    private static int Gather(ReadOnlySpan<float> logits, float threshold, Span<ulong> keys)
    {
        int count = 0;
        int id = 0;
        var bound = Vector512.Create(threshold);
        for (; id + Vector512<float>.Count <= logits.Length; id += Vector512<float>.Count)
        {
            ulong hits = Vector512.GreaterThanOrEqual(Vector512.Create(logits[id..]), bound).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                int hit = id + System.Numerics.BitOperations.TrailingZeroCount(hits);
                keys[count++] = RankKey(logits[hit], hit);
            }
        }

        for (; id < logits.Length; id++)
        {
            if (logits[id] >= threshold)
                keys[count++] = RankKey(logits[id], id);
        }

        return count;
    }

    /// <summary>A number that sorts ascending where logits descend and, among equal logits, ids ascend.</summary>
    private static ulong RankKey(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f); // −0 becomes +0
        uint ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)~ascending << 32) | (uint)id;
    }

    private static int Id(ulong key) => (int)(uint)key;
}
