using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <summary>
/// C = A·B or C += A·B for the small padded blocks inside attention, one thread.
/// Rows of C come in multiples of <see cref="RowStep"/> and columns in multiples of <see cref="ColumnStep"/>: callers pad, so there
/// are no remainders. A is read element by element at any strides, hence also transposed. B lies in panels of <see cref="ColumnStep"/>
/// columns: panel p starts at b + p · panelStride, its rows are ldb apart (a row-major matrix has ldb = its width and
/// panelStride = <see cref="ColumnStep"/>). Each element of C is one chain of fused multiply-adds in the order of k.
/// </summary>
internal static unsafe class TileProduct
{
    internal const int RowStep = 8;
    internal const int ColumnStep = 16;

    internal static int PadRows(int n) => (n + RowStep - 1) & ~(RowStep - 1);

    internal static int PadColumns(int n) => (n + ColumnStep - 1) & ~(ColumnStep - 1);

    internal static void Run(
        int m, int n, int k, float* a, nint rowStride, nint stepStride, float* b, nint ldb, nint panelStride, float* c, nint ldc, bool add)
    {
        for (int column = 0; column < n;)
        {
            float* panel = b + ((column / ColumnStep) * panelStride);
            bool wide = Vector512.IsHardwareAccelerated && n - column >= 2 * ColumnStep;
            for (int row = 0; row < m; row += RowStep)
            {
                float* left = a + (row * rowStride), target = c + (row * ldc) + column;
                if (wide)
                    Tile8x32(k, left, rowStride, stepStride, panel, panel + panelStride, ldb, target, ldc, add);
                else if (Vector512.IsHardwareAccelerated)
                    Tile8x16(k, left, rowStride, stepStride, panel, ldb, target, ldc, add);
                else
                {
                    Tile4x16(k, left, rowStride, stepStride, panel, ldb, target, ldc, add);
                    Tile4x16(k, left + (4 * rowStride), rowStride, stepStride, panel, ldb, target + (4 * ldc), ldc, add);
                }
            }

            column += wide ? 2 * ColumnStep : ColumnStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x32(
        int k, float* a, nint rowStride, nint stepStride, float* left, float* right, nint ldb, float* c, nint ldc, bool add)
    {
        Vector512<float> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default, l6 = default, l7 = default;
        Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default;
        float* a4 = a + (4 * rowStride);
        nint twice = 2 * rowStride, thrice = 3 * rowStride;
        for (int step = 0; step < k; step++)
        {
            Vector512<float> x = Vector512.Load(left), y = Vector512.Load(right);
            Vector512<float> s = Vector512.Create(a[0]);
            l0 = Vector512.FusedMultiplyAdd(s, x, l0);
            r0 = Vector512.FusedMultiplyAdd(s, y, r0);
            s = Vector512.Create(a[rowStride]);
            l1 = Vector512.FusedMultiplyAdd(s, x, l1);
            r1 = Vector512.FusedMultiplyAdd(s, y, r1);
            s = Vector512.Create(a[twice]);
            l2 = Vector512.FusedMultiplyAdd(s, x, l2);
            r2 = Vector512.FusedMultiplyAdd(s, y, r2);
            s = Vector512.Create(a[thrice]);
            l3 = Vector512.FusedMultiplyAdd(s, x, l3);
            r3 = Vector512.FusedMultiplyAdd(s, y, r3);
            s = Vector512.Create(a4[0]);
            l4 = Vector512.FusedMultiplyAdd(s, x, l4);
            r4 = Vector512.FusedMultiplyAdd(s, y, r4);
            s = Vector512.Create(a4[rowStride]);
            l5 = Vector512.FusedMultiplyAdd(s, x, l5);
            r5 = Vector512.FusedMultiplyAdd(s, y, r5);
            s = Vector512.Create(a4[twice]);
            l6 = Vector512.FusedMultiplyAdd(s, x, l6);
            r6 = Vector512.FusedMultiplyAdd(s, y, r6);
            s = Vector512.Create(a4[thrice]);
            l7 = Vector512.FusedMultiplyAdd(s, x, l7);
            r7 = Vector512.FusedMultiplyAdd(s, y, r7);
            a += stepStride;
            a4 += stepStride;
            left += ldb;
            right += ldb;
        }

        Put(c, l0, r0, add);
        Put(c + ldc, l1, r1, add);
        Put(c + (2 * ldc), l2, r2, add);
        Put(c + (3 * ldc), l3, r3, add);
        Put(c + (4 * ldc), l4, r4, add);
        Put(c + (5 * ldc), l5, r5, add);
        Put(c + (6 * ldc), l6, r6, add);
        Put(c + (7 * ldc), l7, r7, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x16(
        int k, float* a, nint rowStride, nint stepStride, float* panel, nint ldb, float* c, nint ldc, bool add)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        float* a4 = a + (4 * rowStride);
        nint twice = 2 * rowStride, thrice = 3 * rowStride;
        for (int step = 0; step < k; step++)
        {
            Vector512<float> x = Vector512.Load(panel);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), x, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[rowStride]), x, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[twice]), x, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[thrice]), x, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[0]), x, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[rowStride]), x, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[twice]), x, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[thrice]), x, c7);
            a += stepStride;
            a4 += stepStride;
            panel += ldb;
        }

        Put(c, c0, add);
        Put(c + ldc, c1, add);
        Put(c + (2 * ldc), c2, add);
        Put(c + (3 * ldc), c3, add);
        Put(c + (4 * ldc), c4, add);
        Put(c + (5 * ldc), c5, add);
        Put(c + (6 * ldc), c6, add);
        Put(c + (7 * ldc), c7, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x16(
        int k, float* a, nint rowStride, nint stepStride, float* panel, nint ldb, float* c, nint ldc, bool add)
    {
        Vector256<float> l0 = default, l1 = default, l2 = default, l3 = default;
        Vector256<float> r0 = default, r1 = default, r2 = default, r3 = default;
        nint twice = 2 * rowStride, thrice = 3 * rowStride;
        for (int step = 0; step < k; step++)
        {
            Vector256<float> x = Vector256.Load(panel), y = Vector256.Load(panel + 8);
            Vector256<float> s = Vector256.Create(a[0]);
            l0 = Vector256.FusedMultiplyAdd(s, x, l0);
            r0 = Vector256.FusedMultiplyAdd(s, y, r0);
            s = Vector256.Create(a[rowStride]);
            l1 = Vector256.FusedMultiplyAdd(s, x, l1);
            r1 = Vector256.FusedMultiplyAdd(s, y, r1);
            s = Vector256.Create(a[twice]);
            l2 = Vector256.FusedMultiplyAdd(s, x, l2);
            r2 = Vector256.FusedMultiplyAdd(s, y, r2);
            s = Vector256.Create(a[thrice]);
            l3 = Vector256.FusedMultiplyAdd(s, x, l3);
            r3 = Vector256.FusedMultiplyAdd(s, y, r3);
            a += stepStride;
            panel += ldb;
        }

        Put(c, l0, r0, add);
        Put(c + ldc, l1, r1, add);
        Put(c + (2 * ldc), l2, r2, add);
        Put(c + (3 * ldc), l3, r3, add);
    }

    private static void Put(float* c, Vector512<float> left, Vector512<float> right, bool add)
    {
        Put(c, left, add);
        Put(c + 16, right, add);
    }

    private static void Put(float* c, Vector512<float> value, bool add) => (add ? Vector512.Load(c) + value : value).Store(c);

    private static void Put(float* c, Vector256<float> left, Vector256<float> right, bool add)
    {
        (add ? Vector256.Load(c) + left : left).Store(c);
        (add ? Vector256.Load(c + 8) + right : right).Store(c + 8);
    }
}
