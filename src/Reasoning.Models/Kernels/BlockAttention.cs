using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Attention of one query row over the cached positions of its sequence, for all query heads that share a key-value head
/// (Ainslie et al. 2023, arXiv:2305.13245). A block holds, for one layer and key-value head, the keys as [headDim, 16] and behind
/// them the values as [16, headDim]: 16 scores come from one pass over contiguous memory without any sum across lanes.
/// </summary>
/// <remarks>
/// Positions are taken in ascending order whatever block they lie in, so sharing a prompt's blocks, or computing a position in
/// prefill instead of decoding, changes no bit.
/// </remarks>
internal static unsafe class BlockAttention
{
    /// <summary>Positions in a block; equals the lanes of a 512-bit vector.</summary>
    internal const int BlockSize = 16;

    private const int Lanes = BlockSize;

    internal static int BlocksFor(int positions) => (positions + BlockSize - 1) / BlockSize;

    /// <summary>Floats of scratch memory that <see cref="Attend"/> needs.</summary>
    internal static int ScratchLength(int heads, int positions) => heads * BlocksFor(positions) * Lanes;

    /// <summary>output[h] = softmax(query[h] · keysᵀ) · values for the <paramref name="heads"/> query heads of one key-value head.</summary>
    /// <param name="query">[heads, headDim], rotated and scaled by 1/√headDim.</param>
    /// <param name="output">[heads, headDim].</param>
    /// <param name="heads">Query heads that share the key-value head.</param>
    /// <param name="headDim">Width of a head.</param>
    /// <param name="blocks">Where the layer's and head's part of each block of the sequence lies.</param>
    /// <param name="skip">Positions of the first block that lie before the sliding window, less than a block.</param>
    /// <param name="positions">Number of positions to attend to, with those skipped.</param>
    /// <param name="scratch">See <see cref="ScratchLength"/>.</param>
    internal static void Attend(
        float* query, float* output, int heads, int headDim, BlockView blocks, int skip, int positions, float* scratch)
    {
        int stride = BlocksFor(positions) * Lanes;
        int head = 0;
        for (; head + 4 <= heads; head += 4)
            Attend<Four>(query + (head * headDim), output + (head * headDim), headDim, blocks, skip, positions, scratch, stride);
        float* q = query + (head * headDim);
        float* o = output + (head * headDim);
        switch (heads - head)
        {
            case 3:
                Attend<Three>(q, o, headDim, blocks, skip, positions, scratch, stride);
                break;
            case 2:
                Attend<Two>(q, o, headDim, blocks, skip, positions, scratch, stride);
                break;
            case 1:
                Attend<One>(q, o, headDim, blocks, skip, positions, scratch, stride);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Attend<T>(
        float* query, float* output, int headDim, BlockView blocks, int skip, int positions, float* scores, int stride)
        where T : struct, IHeads
    {
        int count = BlocksFor(positions);
        for (int block = 0; block < count; block++)
        {
            float* part = blocks[block];
            Prefetch(part + (headDim * Lanes), headDim * Lanes);
            if (block + 2 < count)
                Prefetch(blocks[block + 2], headDim * Lanes);
            Scores<T>(query, headDim, part, scores + (block * Lanes), stride);
        }

        for (int h = 0; h < T.Count; h++)
        {
            float* row = scores + (h * stride);
            for (int i = 0; i < skip; i++)
                row[i] = float.NegativeInfinity;
            for (int i = positions; i < stride; i++)
                row[i] = float.NegativeInfinity;
            float scale = 1 / ExpSum(row, stride);
            var scales = Vector512.Create(scale);
            for (int i = 0; i < stride; i += Lanes)
                (Vector512.Load(row + i) * scales).Store(row + i);
        }

        int d = 0;
        for (; d + (2 * Lanes) <= headDim; d += 2 * Lanes)
            Mix32<T>(scores, stride, blocks, positions, headDim, d, output + d);
        for (; d + Lanes <= headDim; d += Lanes)
            Mix16<T>(scores, stride, blocks, positions, headDim, d, output + d);
        for (; d < headDim; d++)
            Mix1<T>(scores, stride, blocks, positions, headDim, d, output + d);
    }

    /// <summary>Starts loading memory that is needed soon: blocks lie apart, and hardware prefetchers only see short runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* address, int floats)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < floats; i += Lanes)
                Sse.Prefetch0(address + i);
        }
    }

    /// <summary>Scores of one block's 16 positions; each is summed in two chains, over even and odd dimensions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scores<T>(float* query, int headDim, float* keys, float* scores, int stride)
        where T : struct, IHeads
    {
        float* q0 = query, q1 = q0 + headDim, q2 = q1 + headDim, q3 = q2 + headDim;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default;
        for (int d = 0; d < headDim; d += 2)
        {
            var even = Vector512.Load(keys + (d * Lanes));
            var odd = Vector512.Load(keys + (d * Lanes) + Lanes);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(q0[d]), even, a0);
            b0 = Vector512.FusedMultiplyAdd(Vector512.Create(q0[d + 1]), odd, b0);
            if (T.Count > 1)
            {
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(q1[d]), even, a1);
                b1 = Vector512.FusedMultiplyAdd(Vector512.Create(q1[d + 1]), odd, b1);
            }

            if (T.Count > 2)
            {
                a2 = Vector512.FusedMultiplyAdd(Vector512.Create(q2[d]), even, a2);
                b2 = Vector512.FusedMultiplyAdd(Vector512.Create(q2[d + 1]), odd, b2);
            }

            if (T.Count > 3)
            {
                a3 = Vector512.FusedMultiplyAdd(Vector512.Create(q3[d]), even, a3);
                b3 = Vector512.FusedMultiplyAdd(Vector512.Create(q3[d + 1]), odd, b3);
            }
        }

        (a0 + b0).Store(scores);
        if (T.Count > 1)
            (a1 + b1).Store(scores + stride);
        if (T.Count > 2)
            (a2 + b2).Store(scores + (2 * stride));
        if (T.Count > 3)
            (a3 + b3).Store(scores + (3 * stride));
    }

    /// <summary>32 dimensions of the weighted sum of values, for each head one chain over the positions per vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix32<T>(float* weights, int stride, BlockView blocks, int positions, int headDim, int d, float* output)
        where T : struct, IHeads
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default;
        for (int start = 0; start < positions; start += Lanes)
        {
            float* value = blocks[start / Lanes] + (headDim * Lanes) + d;
            float* w0 = weights + start;
            float* end = w0 + Math.Min(Lanes, positions - start);
            for (; w0 < end; w0++, value += headDim)
            {
                var low = Vector512.Load(value);
                var high = Vector512.Load(value + Lanes);
                var w = Vector512.Create(*w0);
                a0 = Vector512.FusedMultiplyAdd(w, low, a0);
                b0 = Vector512.FusedMultiplyAdd(w, high, b0);
                if (T.Count > 1)
                {
                    w = Vector512.Create(w0[stride]);
                    a1 = Vector512.FusedMultiplyAdd(w, low, a1);
                    b1 = Vector512.FusedMultiplyAdd(w, high, b1);
                }

                if (T.Count > 2)
                {
                    w = Vector512.Create(w0[2 * stride]);
                    a2 = Vector512.FusedMultiplyAdd(w, low, a2);
                    b2 = Vector512.FusedMultiplyAdd(w, high, b2);
                }

                if (T.Count > 3)
                {
                    w = Vector512.Create(w0[3 * stride]);
                    a3 = Vector512.FusedMultiplyAdd(w, low, a3);
                    b3 = Vector512.FusedMultiplyAdd(w, high, b3);
                }
            }
        }

        a0.Store(output);
        b0.Store(output + Lanes);
        if (T.Count > 1)
        {
            a1.Store(output + headDim);
            b1.Store(output + headDim + Lanes);
        }

        if (T.Count > 2)
        {
            a2.Store(output + (2 * headDim));
            b2.Store(output + (2 * headDim) + Lanes);
        }

        if (T.Count > 3)
        {
            a3.Store(output + (3 * headDim));
            b3.Store(output + (3 * headDim) + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix16<T>(float* weights, int stride, BlockView blocks, int positions, int headDim, int d, float* output)
        where T : struct, IHeads
    {
        for (int h = 0; h < T.Count; h++)
        {
            Vector512<float> sum = default;
            for (int i = 0; i < positions; i++)
            {
                float* value = blocks[i / Lanes] + (headDim * (Lanes + (i % Lanes))) + d;
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[(h * stride) + i]), Vector512.Load(value), sum);
            }

            sum.Store(output + (h * headDim));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix1<T>(float* weights, int stride, BlockView blocks, int positions, int headDim, int d, float* output)
        where T : struct, IHeads
    {
        for (int h = 0; h < T.Count; h++)
        {
            float sum = 0;
            for (int i = 0; i < positions; i++)
                sum = MathF.FusedMultiplyAdd(weights[(h * stride) + i], blocks[i / Lanes][(headDim * (Lanes + (i % Lanes))) + d], sum);
            output[h * headDim] = sum;
        }
    }

    /// <summary>x = exp(x − max(x)) for n a multiple of 16; returns the sum. Scores become softmax weights once divided by it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExpSum(float* x, int n)
    {
        var max = Vector512.Load(x);
        for (int i = Lanes; i < n; i += Lanes)
            max = Vector512.Max(max, Vector512.Load(x + i));
        float largest = max[0];
        for (int lane = 1; lane < Lanes; lane++)
            largest = MathF.Max(largest, max[lane]);

        max = Vector512.Create(largest);
        Vector512<float> sum = default;
        for (int i = 0; i < n; i += Lanes)
        {
            Vector512<float> e = Vector512.Exp(Vector512.Load(x + i) - max);
            e.Store(x + i);
            sum += e;
        }

        return Vector512.Sum(sum);
    }

    /// <summary>Query heads handled together, a constant to the compiler: each count is its own unrolled kernel.</summary>
    private interface IHeads
    {
        static abstract int Count { get; }
    }

    private readonly struct One : IHeads
    {
        public static int Count => 1;
    }

    private readonly struct Two : IHeads
    {
        public static int Count => 2;
    }

    private readonly struct Three : IHeads
    {
        public static int Count => 3;
    }

    private readonly struct Four : IHeads
    {
        public static int Count => 4;
    }
}
