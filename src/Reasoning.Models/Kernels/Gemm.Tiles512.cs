using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>
/// Register tiles on 512-bit vectors. 32 vector registers: 24 accumulators, two of B, one broadcast of A.
/// Every element is one chain of fused multiply-adds in the order of k, so its bits do not depend on the tile it falls in.
/// </content>
internal static unsafe partial class Gemm
{
    /// <summary>c[12 × 32] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 32 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x32<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> c0L = default, c0H = default;
        Vector512<float> c1L = default, c1H = default;
        Vector512<float> c2L = default, c2H = default;
        Vector512<float> c3L = default, c3H = default;
        Vector512<float> c4L = default, c4H = default;
        Vector512<float> c5L = default, c5H = default;
        Vector512<float> c6L = default, c6H = default;
        Vector512<float> c7L = default, c7H = default;
        Vector512<float> c8L = default, c8H = default;
        Vector512<float> c9L = default, c9H = default;
        Vector512<float> c10L = default, c10H = default;
        Vector512<float> c11L = default, c11H = default;
        if (load)
        {
            c0L = Vector512.Load(c);
            c0H = Vector512.Load(c + 16);
            c1L = Vector512.Load(c + ldc);
            c1H = Vector512.Load(c + ldc + 16);
            c2L = Vector512.Load(c + 2 * ldc);
            c2H = Vector512.Load(c + 2 * ldc + 16);
            c3L = Vector512.Load(c + 3 * ldc);
            c3H = Vector512.Load(c + 3 * ldc + 16);
            c4L = Vector512.Load(c + 4 * ldc);
            c4H = Vector512.Load(c + 4 * ldc + 16);
            c5L = Vector512.Load(c + 5 * ldc);
            c5H = Vector512.Load(c + 5 * ldc + 16);
            c6L = Vector512.Load(c + 6 * ldc);
            c6H = Vector512.Load(c + 6 * ldc + 16);
            c7L = Vector512.Load(c + 7 * ldc);
            c7H = Vector512.Load(c + 7 * ldc + 16);
            c8L = Vector512.Load(c + 8 * ldc);
            c8H = Vector512.Load(c + 8 * ldc + 16);
            c9L = Vector512.Load(c + 9 * ldc);
            c9H = Vector512.Load(c + 9 * ldc + 16);
            c10L = Vector512.Load(c + 10 * ldc);
            c10H = Vector512.Load(c + 10 * ldc + 16);
            c11L = Vector512.Load(c + 11 * ldc);
            c11H = Vector512.Load(c + 11 * ldc + 16);
        }

        float* a0 = a;
        float* a3 = a + 3 * rowStride;
        float* a6 = a + 6 * rowStride;
        float* a9 = a + 9 * rowStride;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> bL, out Vector512<float> bH);
            Vector512<float> x0 = Vector512.Create(*a0);
            c0L = Vector512.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector512.FusedMultiplyAdd(x0, bH, c0H);
            Vector512<float> x1 = Vector512.Create(a0[rowStride]);
            c1L = Vector512.FusedMultiplyAdd(x1, bL, c1L);
            c1H = Vector512.FusedMultiplyAdd(x1, bH, c1H);
            Vector512<float> x2 = Vector512.Create(a0[2 * rowStride]);
            c2L = Vector512.FusedMultiplyAdd(x2, bL, c2L);
            c2H = Vector512.FusedMultiplyAdd(x2, bH, c2H);
            Vector512<float> x3 = Vector512.Create(*a3);
            c3L = Vector512.FusedMultiplyAdd(x3, bL, c3L);
            c3H = Vector512.FusedMultiplyAdd(x3, bH, c3H);
            Vector512<float> x4 = Vector512.Create(a3[rowStride]);
            c4L = Vector512.FusedMultiplyAdd(x4, bL, c4L);
            c4H = Vector512.FusedMultiplyAdd(x4, bH, c4H);
            Vector512<float> x5 = Vector512.Create(a3[2 * rowStride]);
            c5L = Vector512.FusedMultiplyAdd(x5, bL, c5L);
            c5H = Vector512.FusedMultiplyAdd(x5, bH, c5H);
            Vector512<float> x6 = Vector512.Create(*a6);
            c6L = Vector512.FusedMultiplyAdd(x6, bL, c6L);
            c6H = Vector512.FusedMultiplyAdd(x6, bH, c6H);
            Vector512<float> x7 = Vector512.Create(a6[rowStride]);
            c7L = Vector512.FusedMultiplyAdd(x7, bL, c7L);
            c7H = Vector512.FusedMultiplyAdd(x7, bH, c7H);
            Vector512<float> x8 = Vector512.Create(a6[2 * rowStride]);
            c8L = Vector512.FusedMultiplyAdd(x8, bL, c8L);
            c8H = Vector512.FusedMultiplyAdd(x8, bH, c8H);
            Vector512<float> x9 = Vector512.Create(*a9);
            c9L = Vector512.FusedMultiplyAdd(x9, bL, c9L);
            c9H = Vector512.FusedMultiplyAdd(x9, bH, c9H);
            Vector512<float> x10 = Vector512.Create(a9[rowStride]);
            c10L = Vector512.FusedMultiplyAdd(x10, bL, c10L);
            c10H = Vector512.FusedMultiplyAdd(x10, bH, c10H);
            Vector512<float> x11 = Vector512.Create(a9[2 * rowStride]);
            c11L = Vector512.FusedMultiplyAdd(x11, bL, c11L);
            c11H = Vector512.FusedMultiplyAdd(x11, bH, c11H);
            a0 += stepStride;
            a3 += stepStride;
            a6 += stepStride;
            a9 += stepStride;
            panel += 32 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 16);
        c1L.Store(c + ldc);
        c1H.Store(c + ldc + 16);
        c2L.Store(c + 2 * ldc);
        c2H.Store(c + 2 * ldc + 16);
        c3L.Store(c + 3 * ldc);
        c3H.Store(c + 3 * ldc + 16);
        c4L.Store(c + 4 * ldc);
        c4H.Store(c + 4 * ldc + 16);
        c5L.Store(c + 5 * ldc);
        c5H.Store(c + 5 * ldc + 16);
        c6L.Store(c + 6 * ldc);
        c6H.Store(c + 6 * ldc + 16);
        c7L.Store(c + 7 * ldc);
        c7H.Store(c + 7 * ldc + 16);
        c8L.Store(c + 8 * ldc);
        c8H.Store(c + 8 * ldc + 16);
        c9L.Store(c + 9 * ldc);
        c9H.Store(c + 9 * ldc + 16);
        c10L.Store(c + 10 * ldc);
        c10H.Store(c + 10 * ldc + 16);
        c11L.Store(c + 11 * ldc);
        c11H.Store(c + 11 * ldc + 16);
    }

    /// <summary>c[4 × 32] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 32 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x32<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> c0L = default, c0H = default;
        Vector512<float> c1L = default, c1H = default;
        Vector512<float> c2L = default, c2H = default;
        Vector512<float> c3L = default, c3H = default;
        if (load)
        {
            c0L = Vector512.Load(c);
            c0H = Vector512.Load(c + 16);
            c1L = Vector512.Load(c + ldc);
            c1H = Vector512.Load(c + ldc + 16);
            c2L = Vector512.Load(c + 2 * ldc);
            c2H = Vector512.Load(c + 2 * ldc + 16);
            c3L = Vector512.Load(c + 3 * ldc);
            c3H = Vector512.Load(c + 3 * ldc + 16);
        }

        float* a0 = a;
        float* a3 = a + 3 * rowStride;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> bL, out Vector512<float> bH);
            Vector512<float> x0 = Vector512.Create(*a0);
            c0L = Vector512.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector512.FusedMultiplyAdd(x0, bH, c0H);
            Vector512<float> x1 = Vector512.Create(a0[rowStride]);
            c1L = Vector512.FusedMultiplyAdd(x1, bL, c1L);
            c1H = Vector512.FusedMultiplyAdd(x1, bH, c1H);
            Vector512<float> x2 = Vector512.Create(a0[2 * rowStride]);
            c2L = Vector512.FusedMultiplyAdd(x2, bL, c2L);
            c2H = Vector512.FusedMultiplyAdd(x2, bH, c2H);
            Vector512<float> x3 = Vector512.Create(*a3);
            c3L = Vector512.FusedMultiplyAdd(x3, bL, c3L);
            c3H = Vector512.FusedMultiplyAdd(x3, bH, c3H);
            a0 += stepStride;
            a3 += stepStride;
            panel += 32 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 16);
        c1L.Store(c + ldc);
        c1H.Store(c + ldc + 16);
        c2L.Store(c + 2 * ldc);
        c2H.Store(c + 2 * ldc + 16);
        c3L.Store(c + 3 * ldc);
        c3H.Store(c + 3 * ldc + 16);
    }

    /// <summary>c[1 × 32] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 32 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x32<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> c0L = default, c0H = default;
        if (load)
        {
            c0L = Vector512.Load(c);
            c0H = Vector512.Load(c + 16);
        }

        float* a0 = a;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> bL, out Vector512<float> bH);
            Vector512<float> x0 = Vector512.Create(*a0);
            c0L = Vector512.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector512.FusedMultiplyAdd(x0, bH, c0H);
            a0 += stepStride;
            panel += 32 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 16);
    }
}
