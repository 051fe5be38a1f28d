using System.Numerics;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Orders the rows of a tensor. Equal elements keep their order; not-a-number counts as largest.</summary>
internal static unsafe class Sorting
{
    /// <summary>The first <paramref name="keep"/> of each sorted row of a row-major tensor, with their positions.</summary>
    internal static (TensorImpl Values, TensorImpl Indices) Rows(TensorImpl x, bool descending, int keep)
    {
        ScalarType work = DTypes.IsReduced(x.DType) ? ScalarType.Float32 : x.DType;
        TensorImpl input = Copies.ContiguousAs(x, work);
        long[] sizes = [.. x.Sizes[..^1], keep];
        TensorImpl values = TensorImpl.Allocate(sizes, work), indices = TensorImpl.Allocate(sizes, ScalarType.Int64);
        switch (work)
        {
            case ScalarType.Float32: Sort<float>(input, values, indices, descending, keep); break;
            case ScalarType.Float64: Sort<double>(input, values, indices, descending, keep); break;
            case ScalarType.Int64: Sort<long>(input, values, indices, descending, keep); break;
            case ScalarType.Int32: Sort<int>(input, values, indices, descending, keep); break;
            case ScalarType.Int16: Sort<short>(input, values, indices, descending, keep); break;
            case ScalarType.Int8: Sort<sbyte>(input, values, indices, descending, keep); break;
            default: Sort<byte>(input, values, indices, descending, keep); break;
        }

        input.Release();
        if (work == x.DType)
            return (values, indices);
        TensorImpl converted = Copies.As(values, x.DType);
        values.Release();
        return (converted, indices);
    }

    private static void Sort<T>(TensorImpl x, TensorImpl values, TensorImpl indices, bool descending, int keep)
        where T : unmanaged, INumber<T>
    {
        int n = (int)x.Sizes[^1];
        if (x.Count == 0 || keep == 0)
            return;
        int rows = checked((int)(x.Count / n));
        T* from = (T*)x.Data, to = (T*)values.Data;
        long* at = (long*)indices.Data;
        var order = new Order<T>(descending);
        if (x.Count < 8192)
        {
            for (int r = 0; r < rows; r++)
                Row(r);
            return;
        }

        Workers.For(rows, Row);

        void Row(int r)
        {
            var entries = new Entry<T>[n];
            for (int i = 0; i < n; i++)
                entries[i] = new Entry<T>(from[(long)r * n + i], i);
            if (keep < n / 16)
                Select(entries, keep, order);
            else
                entries.AsSpan().Sort(order);
            for (int i = 0; i < keep; i++)
            {
                to[(long)r * keep + i] = entries[i].Value;
                at[(long)r * keep + i] = entries[i].Index;
            }
        }
    }

    /// <summary>Brings the first <paramref name="keep"/> entries in order to the front, with a heap of that size.</summary>
    private static void Select<T>(Entry<T>[] entries, int keep, Order<T> order)
        where T : unmanaged, INumber<T>
    {
        var worstFirst = Comparer<Entry<T>>.Create((a, b) => order.Compare(b, a));
        var heap = new PriorityQueue<Entry<T>, Entry<T>>(keep, worstFirst);
        foreach (Entry<T> e in entries)
        {
            if (heap.Count < keep)
                heap.Enqueue(e, e);
            else if (order.Compare(e, heap.Peek()) < 0)
                heap.EnqueueDequeue(e, e);
        }

        for (int i = keep - 1; i >= 0; i--)
            entries[i] = heap.Dequeue();
    }

    private readonly record struct Entry<T>(T Value, int Index);

    private readonly struct Order<T>(bool descending) : IComparer<Entry<T>>
        where T : unmanaged, INumber<T>
    {
        public int Compare(Entry<T> x, Entry<T> y)
        {
            int c = T.IsNaN(x.Value) || T.IsNaN(y.Value)
                ? T.IsNaN(x.Value).CompareTo(T.IsNaN(y.Value))
                : x.Value < y.Value ? -1 : x.Value > y.Value ? 1 : 0;
            if (descending)
                c = -c;
            return c != 0 ? c : x.Index.CompareTo(y.Index);
        }
    }
}
