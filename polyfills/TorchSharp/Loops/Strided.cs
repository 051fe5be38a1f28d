using Reasoning.Shared;

namespace TorchSharp;

/// <summary>
/// Walks up to four tensors of one shape in step. Axes that lie one after the other in all operands are merged, so that
/// contiguous tensors become one long row; long work is cut into pieces of fixed size for the workers.
/// </summary>
internal static unsafe class Strided
{
    /// <summary>Elements of a piece; small enough to stay in cache, large enough to be worth a worker.</summary>
    private const long Piece = 16 * 1024;

    private const long ParallelFrom = 4 * Piece;

    internal static void For<TRow>(TRow row, Operand o0, Operand o1 = default, Operand o2 = default, Operand o3 = default)
        where TRow : struct, IRow
    {
        long count = Shapes.Count(o0.Sizes);
        if (count == 0)
            return;
        bool flat = o0.IsFlat && o1.Follows(o0) && o2.Follows(o0) && o3.Follows(o0);
        if (flat && count <= ParallelFrom)
        {
            row.Run((nint)count, o0.Data, o0.Step, o1.Data, o1.Step, o2.Data, o2.Step, o3.Data, o3.Step);
            return;
        }

        Walk walk = flat ? new Walk(count, o0, o1, o2, o3) : new Walk(o0.Sizes, o0, o1, o2, o3);
        if (count > ParallelFrom)
            RunParallel(row, walk);
        else
            walk.Rows(row, 0, walk.Outer, 0, walk.Inner);
    }

    private static void RunParallel<TRow>(TRow row, Walk walk)
        where TRow : struct, IRow
    {
        if (walk.Outer == 1 || walk.Inner >= ParallelFrom)
        {
            long pieces = (walk.Inner + Piece - 1) / Piece;
            long total = checked(pieces * walk.Outer);
            Workers.For((int)total, i =>
            {
                long outer = i / pieces, begin = i % pieces * Piece;
                walk.Rows(row, outer, 1, begin, Math.Min(Piece, walk.Inner - begin));
            });
        }
        else
        {
            long rows = Math.Max(1, Piece / walk.Inner);
            Workers.For((int)((walk.Outer + rows - 1) / rows), i => walk.Rows(row, i * rows, Math.Min(rows, walk.Outer - i * rows), 0, walk.Inner));
        }
    }

    /// <summary>The merged geometry of the operands; the innermost axis is the row.</summary>
    private sealed class Walk
    {
        private readonly long[] _sizes;
        private readonly nint[] _strides;
        private readonly byte* _p0;
        private readonly byte* _p1;
        private readonly byte* _p2;
        private readonly byte* _p3;

        internal Walk(long count, Operand o0, Operand o1, Operand o2, Operand o3)
            : this(o0, o1, o2, o3)
        {
            _sizes = [];
            _strides = [o0.Step, o1.Step, o2.Step, o3.Step];
            Inner = count;
            Outer = 1;
        }

        internal Walk(long[] sizes, Operand o0, Operand o1, Operand o2, Operand o3)
            : this(o0, o1, o2, o3)
        {
            // axes from the innermost outwards, four strides each
            int rank = sizes.Length;
            Span<long> merged = stackalloc long[rank + 1];
            Span<nint> strides = stackalloc nint[4 * (rank + 1)];
            Span<int> order = stackalloc int[rank];
            int used = Order(sizes, o0.Strides, order);
            int n = 0;
            for (int i = used - 1; i >= 0; i--)
            {
                int d = order[i];
                nint a = o0.Stride(d), b = o1.Stride(d), c = o2.Stride(d), e = o3.Stride(d);
                if (n > 0)
                {
                    int k = 4 * (n - 1);
                    nint length = (nint)merged[n - 1];
                    if (a == strides[k] * length && b == strides[k + 1] * length && c == strides[k + 2] * length && e == strides[k + 3] * length)
                    {
                        merged[n - 1] *= sizes[d];
                        continue;
                    }
                }

                merged[n] = sizes[d];
                strides[4 * n] = a;
                strides[4 * n + 1] = b;
                strides[4 * n + 2] = c;
                strides[4 * n + 3] = e;
                n++;
            }

            if (n == 0)
            {
                merged[n++] = 1;
                strides[..4].Clear();
            }

            Inner = merged[0];
            _sizes = merged[1..n].ToArray();
            _strides = strides[..(4 * n)].ToArray();
            Outer = Shapes.Count(_sizes);
        }

        private Walk(Operand o0, Operand o1, Operand o2, Operand o3)
        {
            _sizes = [];
            _strides = [];
            _p0 = o0.Data;
            _p1 = o1.Data;
            _p2 = o2.Data;
            _p3 = o3.Data;
        }

        internal long Inner { get; }

        internal long Outer { get; }

        internal void Rows<TRow>(TRow row, long first, long rows, long begin, long length)
            where TRow : struct, IRow
        {
            nint[] s = _strides;
            nint s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];
            nint o0 = (nint)begin * s0, o1 = (nint)begin * s1, o2 = (nint)begin * s2, o3 = (nint)begin * s3;
            int axes = _sizes.Length;
            if (axes == 0)
            {
                row.Run((nint)length, _p0 + o0, s0, _p1 + o1, s1, _p2 + o2, s2, _p3 + o3, s3);
                return;
            }

            Span<long> at = stackalloc long[axes];
            long rest = first;
            for (int d = 0; d < axes; d++)
            {
                at[d] = rest % _sizes[d];
                rest /= _sizes[d];
                int k = 4 * (d + 1);
                o0 += (nint)at[d] * s[k];
                o1 += (nint)at[d] * s[k + 1];
                o2 += (nint)at[d] * s[k + 2];
                o3 += (nint)at[d] * s[k + 3];
            }

            for (long r = 0; r < rows; r++)
            {
                row.Run((nint)length, _p0 + o0, s0, _p1 + o1, s1, _p2 + o2, s2, _p3 + o3, s3);
                for (int d = 0; d < axes; d++)
                {
                    int k = 4 * (d + 1);
                    if (++at[d] < _sizes[d])
                    {
                        o0 += s[k];
                        o1 += s[k + 1];
                        o2 += s[k + 2];
                        o3 += s[k + 3];
                        break;
                    }

                    long back = _sizes[d] - 1;
                    at[d] = 0;
                    o0 -= (nint)back * s[k];
                    o1 -= (nint)back * s[k + 1];
                    o2 -= (nint)back * s[k + 2];
                    o3 -= (nint)back * s[k + 3];
                }
            }
        }

        /// <summary>Axes longer than one, sorted so that the first operand's smallest stride comes last.</summary>
        private static int Order(long[] sizes, long[] strides, Span<int> order)
        {
            int n = 0;
            for (int d = 0; d < sizes.Length; d++)
            {
                if (sizes[d] == 1)
                    continue;
                int p = n++;
                while (p > 0 && strides[order[p - 1]] < strides[d])
                {
                    order[p] = order[p - 1];
                    p--;
                }

                order[p] = d;
            }

            return n;
        }
    }
}
