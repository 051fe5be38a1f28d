using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Reasoning.Shared;

namespace TorchSharp;

/// <summary>
/// Sums of [outer, reduced, inner] in blocks of fixed size: the order of additions depends on the shape alone, never on the
/// number of threads. Float32 is summed in float64, rows directly, columns after blocks of 64.
/// </summary>
internal static unsafe class Sums
{
    private const int Block = 2048;

    private const int BlocksPerTask = 16;

    private const int RowBlock = 64;

    private const int Strip = 256;

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
        if (typeof(T) == typeof(float))
        {
            double sum = 0;
            for (long i = 0; i < n; i += Block)
                sum += Wide((float*)x + i, (int)Math.Min(Block, n - i));
            return T.CreateTruncating(sum);
        }

        T total = T.Zero;
        for (long i = 0; i < n; i += Block)
            total += TensorPrimitives.Sum(new ReadOnlySpan<T>(x + i, (int)Math.Min(Block, n - i)));
        return total;
    }

    /// <summary>A sum of float32 numbers in float64; the lanes are the same on every machine.</summary>
    internal static double Wide(float* x, int n)
    {
        Vector512<double> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i + 32 <= n; i += 32)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load(x + i));
            a += low;
            b += high;
            (low, high) = Vector512.Widen(Vector512.Load(x + i + 16));
            c += low;
            d += high;
        }

        double sum = Vector512.Sum(a + b + (c + d));
        for (; i < n; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>The same sum as <see cref="Row"/>, block by block on all workers.</summary>
    private static T LongRow<T>(T* x, long n)
        where T : unmanaged, INumber<T>
    {
        int blocks = (int)((n + Block - 1) / Block);
        int tasks = (blocks + BlocksPerTask - 1) / BlocksPerTask;
        if (typeof(T) == typeof(float))
        {
            var wide = new double[blocks];
            Workers.For(tasks, task =>
            {
                int end = Math.Min(blocks, (task + 1) * BlocksPerTask);
                for (int b = task * BlocksPerTask; b < end; b++)
                    wide[b] = Wide((float*)x + (long)b * Block, (int)Math.Min(Block, n - (long)b * Block));
            });
            double sum = 0;
            foreach (double w in wide)
                sum += w;
            return T.CreateTruncating(sum);
        }

        var partial = new T[blocks];
        Workers.For(tasks, task =>
        {
            int end = Math.Min(blocks, (task + 1) * BlocksPerTask);
            for (int b = task * BlocksPerTask; b < end; b++)
                partial[b] = TensorPrimitives.Sum(new ReadOnlySpan<T>(x + (long)b * Block, (int)Math.Min(Block, n - (long)b * Block)));
        });
        T total = T.Zero;
        foreach (T p in partial)
            total += p;
        return total;
    }

    /// <summary>Each output is the sum over rows of one column; strips of columns are split between workers.</summary>
    private static void Columns<T>(T* x, T* y, long outer, long reduced, long inner)
        where T : unmanaged, INumber<T>
    {
        long strips = (inner + Strip - 1) / Strip;
        if (outer * reduced * inner < ParallelFrom)
        {
            for (long t = 0; t < outer * strips; t++)
                SumStrip(x, y, reduced, inner, t / strips, t % strips * Strip);
            return;
        }

        Workers.For(checked((int)(outer * strips)), t => SumStrip(x, y, reduced, inner, t / strips, t % strips * Strip));
    }

    /// <summary>Sums of up to <see cref="Strip"/> columns, block of rows by block of rows, four rows in one pass.</summary>
    private static void SumStrip<T>(T* x, T* y, long reduced, long inner, long outer, long begin)
        where T : unmanaged, INumber<T>
    {
        T* source = x + outer * reduced * inner + begin;
        int width = (int)Math.Min(Strip, inner - begin);
        var total = new Span<T>(y + outer * inner + begin, width);
        T* partial = stackalloc T[Strip];
        double* wide = stackalloc double[Strip];
        var part = new Span<T>(partial, width);
        total.Clear();
        new Span<double>(wide, width).Clear();
        for (long first = 0; first < reduced; first += RowBlock)
        {
            long end = Math.Min(reduced, first + RowBlock), r = first;
            part.Clear();
            for (; r + 4 <= end; r += 4)
                AddFour(partial, source + r * inner, inner, width);
            for (; r < end; r++)
                TensorPrimitives.Add(part, new ReadOnlySpan<T>(source + r * inner, width), part);
            if (typeof(T) == typeof(float))
            {
                for (int k = 0; k < width; k++)
                    wide[k] += ((float*)partial)[k];
            }
            else
            {
                TensorPrimitives.Add(total, part, total);
            }
        }

        if (typeof(T) == typeof(float))
        {
            for (int k = 0; k < width; k++)
                total[k] = T.CreateTruncating(wide[k]);
        }
    }

    private static void AddFour<T>(T* sum, T* row, long stride, int width)
        where T : unmanaged, INumber<T>
    {
        T* r1 = row + stride, r2 = r1 + stride, r3 = r2 + stride;
        int k = 0;
        for (; k + Vector<T>.Count <= width; k += Vector<T>.Count)
            (Vector.Load(sum + k) + Vector.Load(row + k) + Vector.Load(r1 + k) + Vector.Load(r2 + k) + Vector.Load(r3 + k)).Store(sum + k);
        for (; k < width; k++)
            sum[k] = sum[k] + row[k] + r1[k] + r2[k] + r3[k];
    }
}
