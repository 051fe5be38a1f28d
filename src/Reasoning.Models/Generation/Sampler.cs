using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Generation;

/// <summary>
/// Draws one token from one row of logits. A pure function of the logits, the options and one uniform number: top-k first,
/// then the nucleus (Holtzman et al. 2020, arXiv:1904.09751) of what top-k left; equal logits rank by ascending id. Among the
/// kept tokens the one is drawn at which the running sum of probabilities, in order of id, passes the uniform number.
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

        if (options.EntropyMinimization is { } sharpening && options.Temperature > 0)
        {
            float[] moved = new float[logits.Length];
            if (sharpening.Apply(logits, moved))
                return Next(moved, options with { EntropyMinimization = null }, uniform);
        }

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    /// Looks only at tokens above a logit threshold, lowered until they suffice: a few dozen of a peaked distribution, whatever the
    /// vocabulary. They are partitioned, not sorted; the kept ones are drawn from in order of id.
    /// </summary>
    private static int DrawTop(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weight, double total, float max, SamplingOptions options, double uniform)
    {
        ulong[] buffer = ArrayPool<ulong>.Shared.Rent(logits.Length);
        try
        {
            int wanted = Math.Min(options.TopK, logits.Length);
            Span<ulong> keys;
            for (double depth = 4; ; depth *= 2)
            {
                bool all = depth > 100;
                float threshold = all ? float.NegativeInfinity : (float)(max - (depth * options.Temperature));
                keys = buffer.AsSpan(0, Gather(logits, threshold, ulong.MaxValue, buffer));
                if (all || (wanted > 0 ? keys.Length >= wanted : Mass(keys, weight) >= options.TopP * total))
                    break;
            }

            if (wanted > 0)
            {
                keys = keys[..Smallest(keys, default, wanted)];
                total = Mass(keys, weight);
            }

            if (options.TopP < 1)
                keys = keys[..Smallest(keys, weight, options.TopP * total)];

            ulong last = 0;
            foreach (ulong key in keys)
                last = Math.Max(last, key);
            keys = buffer.AsSpan(0, Gather(logits, logits[Id(last)], last, buffer));
            double target = uniform * Mass(keys, weight);
            double sum = 0;
            foreach (ulong key in keys)
            {
                sum += weight[Id(key)];
                if (sum > target)
                    return Id(key);
            }

            return IndexOfMax(logits);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Moves the smallest keys to the front, as few as together weigh at least <paramref name="target"/>, and returns how many; a token
    /// weighs 1 where <paramref name="weight"/> is empty. Quickselect by mass: linear on average.
    /// </summary>
    private static int Smallest(Span<ulong> keys, ReadOnlySpan<float> weight, double target)
    {
        const int Few = 16;
        int first = 0, end = keys.Length;
        while (end - first > Few)
        {
            int middle = first + Partition(keys[first..end]);
            double mass = Mass(keys[first..middle], weight);
            if (mass >= target)
            {
                end = middle;
            }
            else
            {
                target -= mass;
                first = middle;
            }
        }

        keys[first..end].Sort();
        for (; first < end && target > 0; first++)
            target -= weight.IsEmpty ? 1 : weight[Id(keys[first])];
        return Math.Max(1, first);
    }

    /// <summary>Moves the keys up to the median of first, middle and last to the front; returns how many, fewer than all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Partition(Span<ulong> keys)
    {
        ulong a = keys[0], b = keys[keys.Length / 2], c = keys[^1];
        ulong pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            ulong key = keys[i];
            keys[i] = keys[count];
            keys[count] = key;
            count += key <= pivot ? 1 : 0;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Mass(ReadOnlySpan<ulong> keys, ReadOnlySpan<float> weight)
    {
        if (weight.IsEmpty)
            return keys.Length;
        double sum = 0;
        foreach (ulong key in keys)
            sum += weight[Id(key)];
        return sum;
    }

    /// <summary>
    /// Writes the keys of all tokens with logit ≥ <paramref name="threshold"/> and key ≤ <paramref name="last"/> in order of id;
    /// returns how many.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Gather(ReadOnlySpan<float> logits, float threshold, ulong last, Span<ulong> keys)
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
                keys[count] = RankKey(logits[hit], hit);
                count += keys[count] <= last ? 1 : 0;
            }
        }

        for (; id < logits.Length; id++)
        {
            if (!(logits[id] >= threshold))
                continue;
            keys[count] = RankKey(logits[id], id);
            count += keys[count] <= last ? 1 : 0;
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
