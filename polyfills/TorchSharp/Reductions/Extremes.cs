using System.Numerics;
using System.Numerics.Tensors;
using Reasoning.Shared;

namespace TorchSharp;

/// <summary>Largest or smallest elements of [outer, reduced, inner] and where they first occur; not-a-number wins.</summary>
internal static unsafe class Extremes
{
    private const long ParallelFrom = 64 * 1024;

    /// <summary>Either result may be null.</summary>
    internal static void Run<T>(T* x, T* values, long* indices, long outer, long reduced, long inner, bool max)
        where T : unmanaged, INumber<T>
    {
        long outputs = outer * inner;
        if (outputs * reduced < ParallelFrom || outputs == 1)
        {
            Part(x, values, indices, reduced, inner, max, 0, outputs);
            return;
        }

        long each = Math.Max(1, ParallelFrom / 4 / reduced);
        Workers.For((int)((outputs + each - 1) / each), i =>
            Part(x, values, indices, reduced, inner, max, i * each, Math.Min(outputs, (i + 1) * each)));
    }

    private static void Part<T>(T* x, T* values, long* indices, long reduced, long inner, bool max, long begin, long end)
        where T : unmanaged, INumber<T>
    {
        for (long i = begin; i < end; i++)
        {
            (long o, long k) = Math.DivRem(i, inner);
            T* source = x + o * reduced * inner + k;
            long at = inner == 1 && reduced <= int.MaxValue
                ? Row(new ReadOnlySpan<T>(source, (int)reduced), max)
                : Column(source, reduced, inner, max);
            if (values != null)
                values[i] = source[at * inner];
            if (indices != null)
                indices[i] = at;
        }
    }

    private static long Row<T>(ReadOnlySpan<T> x, bool max)
        where T : unmanaged, INumber<T>
    {
        if (x.Length < 16)
        {
            fixed (T* p = x)
                return Column(p, x.Length, 1, max);
        }

        // the vector code orders −0 before 0; the first of equal elements is wanted
        T best = max ? TensorPrimitives.Max(x) : TensorPrimitives.Min(x);
        if (T.IsNaN(best))
        {
            for (int i = 0; i < x.Length; i++)
            {
                if (T.IsNaN(x[i]))
                    return i;
            }
        }

        return x.IndexOf(best) is >= 0 and var found && best != T.Zero ? found : First(x, best);
    }

    private static long First<T>(ReadOnlySpan<T> x, T value)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] == value)
                return i;
        }

        return 0;
    }

    private static long Column<T>(T* x, long n, long stride, bool max)
        where T : unmanaged, INumber<T>
    {
        long at = 0;
        T best = x[0];
        for (long i = 1; i < n && !T.IsNaN(best); i++)
        {
            T value = x[i * stride];
            if ((max ? value > best : value < best) || T.IsNaN(value))
            {
                best = value;
                at = i;
            }
        }

        return at;
    }
}
