using System.Numerics;
using System.Numerics.Tensors;
using Reasoning.Shared;

namespace TorchSharp;

/// <summary>
/// Sums of [outer, reduced, inner] in float64 steps of fixed size: the order of additions depends on the shape alone,
/// never on the number of threads.
/// </summary>
internal static unsafe class Sums
{
    private const int Block = 2048;

    private const int RowBlock = 64;

    private const long ParallelFrom = 64 * 1024;

    internal static void Run<T>(T* x, T* y, long outer, long reduced, long inner)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1)
            Rows(x, y, outer, reduced);
        else
            Columns(x, y, outer, reduced, inner);
    }

    /// <summary>Each output is the sum of a contiguous row.</summary>
    private static void Rows<T>(T* x, T* y, long outer, long reduced)
        where T : unmanaged, INumber<T>
    {
        if (outer * reduced < ParallelFrom)
        {
            for (long i = 0; i < outer; i++)
                y[i] = Row(x + i * reduced, reduced);
            return;
        }

        if (outer >= 8)
        {
            long rows = Math.Max(1, ParallelFrom / 4 / Math.Max(reduced, 1));
            Workers.For((int)((outer + rows - 1) / rows), c =>
            {
                long end = Math.Min(outer, (c + 1) * rows);
                for (long i = c * rows; i < end; i++)
                    y[i] = Row(x + i * reduced, reduced);
            });
            return;
        }

        for (long i = 0; i < outer; i++)
            y[i] = LongRow(x + i * reduced, reduced);
    }

    private static T Row<T>(T* x, long n)
        where T : unmanaged, INumber<T>
    {
        if (n <= Block)
            return TensorPrimitives.Sum(new ReadOnlySpan<T>(x, (int)n));
        if (typeof(T) == typeof(float))
        {
            double sum = 0;
            for (long i = 0; i < n; i += Block)
                sum += double.CreateTruncating(TensorPrimitives.Sum(new ReadOnlySpan<T>(x + i, (int)Math.Min(Block, n - i))));
            return T.CreateTruncating(sum);
        }

        T total = T.Zero;
        for (long i = 0; i < n; i += Block)
            total += TensorPrimitives.Sum(new ReadOnlySpan<T>(x + i, (int)Math.Min(Block, n - i)));
        return total;
    }

    /// <summary>The same sum as <see cref="Row"/>, block by block on all workers.</summary>
    private static T LongRow<T>(T* x, long n)
        where T : unmanaged, INumber<T>
    {
        int blocks = (int)((n + Block - 1) / Block);
        const int PerTask = 16;
        var partial = new T[blocks];
        Workers.For((blocks + PerTask - 1) / PerTask, task =>
        {
            int end = Math.Min(blocks, (task + 1) * PerTask);
            for (int b = task * PerTask; b < end; b++)
            {
                long at = (long)b * Block;
                partial[b] = TensorPrimitives.Sum(new ReadOnlySpan<T>(x + at, (int)Math.Min(Block, n - at)));
            }
        });
        if (typeof(T) == typeof(float))
        {
            double sum = 0;
            foreach (T p in partial)
                sum += double.CreateTruncating(p);
            return T.CreateTruncating(sum);
        }

        T total = T.Zero;
        foreach (T p in partial)
            total += p;
        return total;
    }

    /// <summary>Each output is the sum over rows of one column; columns are split between workers.</summary>
    private static void Columns<T>(T* x, T* y, long outer, long reduced, long inner)
        where T : unmanaged, INumber<T>
    {
        const int Width = 512;
        long strips = (inner + Width - 1) / Width;
        if (outer * reduced * inner < ParallelFrom)
        {
            for (long t = 0; t < outer * strips; t++)
                Strip(t);
            return;
        }

        Workers.For((int)(outer * strips), t => Strip(t));

        void Strip(long task)
        {
            long o = task / strips, begin = task % strips * Width;
            int width = (int)Math.Min(Width, inner - begin);
            T* source = x + o * reduced * inner + begin;
            var sum = new Span<T>(y + o * inner + begin, width);
            sum.Clear();
            T* partial = stackalloc T[Width];
            var part = new Span<T>(partial, width);
            for (long r = 0; r < reduced; r += RowBlock)
            {
                long end = Math.Min(reduced, r + RowBlock);
                new ReadOnlySpan<T>(source + r * inner, width).CopyTo(part);
                for (long k = r + 1; k < end; k++)
                    TensorPrimitives.Add(part, new ReadOnlySpan<T>(source + k * inner, width), part);
                TensorPrimitives.Add(sum, part, sum);
            }
        }
    }
}
