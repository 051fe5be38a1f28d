using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>
/// Register tiles on 256-bit vectors. 16 vector registers: 12 accumulators, two of B, one broadcast of A.
/// Every element is one chain of fused multiply-adds in the order of k, so its bits do not depend on the tile it falls in.
/// </content>
internal static unsafe partial class Gemm
{
    /// <summary>c[6 × 16] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 16 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x16<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> c0L = default, c0H = default;
        Vector256<float> c1L = default, c1H = default;
        Vector256<float> c2L = default, c2H = default;
        Vector256<float> c3L = default, c3H = default;
        Vector256<float> c4L = default, c4H = default;
        Vector256<float> c5L = default, c5H = default;
        if (load)
        {
            c0L = Vector256.Load(c);
            c0H = Vector256.Load(c + 8);
            c1L = Vector256.Load(c + ldc);
            c1H = Vector256.Load(c + ldc + 8);
            c2L = Vector256.Load(c + 2 * ldc);
            c2H = Vector256.Load(c + 2 * ldc + 8);
            c3L = Vector256.Load(c + 3 * ldc);
            c3H = Vector256.Load(c + 3 * ldc + 8);
            c4L = Vector256.Load(c + 4 * ldc);
            c4H = Vector256.Load(c + 4 * ldc + 8);
            c5L = Vector256.Load(c + 5 * ldc);
            c5H = Vector256.Load(c + 5 * ldc + 8);
        }

        float* a0 = a;
        float* a3 = a + 3 * rowStride;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> bL, out Vector256<float> bH);
            Vector256<float> x0 = Vector256.Create(*a0);
            c0L = Vector256.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector256.FusedMultiplyAdd(x0, bH, c0H);
            Vector256<float> x1 = Vector256.Create(a0[rowStride]);
            c1L = Vector256.FusedMultiplyAdd(x1, bL, c1L);
            c1H = Vector256.FusedMultiplyAdd(x1, bH, c1H);
            Vector256<float> x2 = Vector256.Create(a0[2 * rowStride]);
            c2L = Vector256.FusedMultiplyAdd(x2, bL, c2L);
            c2H = Vector256.FusedMultiplyAdd(x2, bH, c2H);
            Vector256<float> x3 = Vector256.Create(*a3);
            c3L = Vector256.FusedMultiplyAdd(x3, bL, c3L);
            c3H = Vector256.FusedMultiplyAdd(x3, bH, c3H);
            Vector256<float> x4 = Vector256.Create(a3[rowStride]);
            c4L = Vector256.FusedMultiplyAdd(x4, bL, c4L);
            c4H = Vector256.FusedMultiplyAdd(x4, bH, c4H);
            Vector256<float> x5 = Vector256.Create(a3[2 * rowStride]);
            c5L = Vector256.FusedMultiplyAdd(x5, bL, c5L);
            c5H = Vector256.FusedMultiplyAdd(x5, bH, c5H);
            a0 += stepStride;
            a3 += stepStride;
            panel += 16 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 8);
        c1L.Store(c + ldc);
        c1H.Store(c + ldc + 8);
        c2L.Store(c + 2 * ldc);
        c2H.Store(c + 2 * ldc + 8);
        c3L.Store(c + 3 * ldc);
        c3H.Store(c + 3 * ldc + 8);
        c4L.Store(c + 4 * ldc);
        c4H.Store(c + 4 * ldc + 8);
        c5L.Store(c + 5 * ldc);
        c5H.Store(c + 5 * ldc + 8);
    }

    /// <summary>c[2 × 16] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 16 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2x16<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> c0L = default, c0H = default;
        Vector256<float> c1L = default, c1H = default;
        if (load)
        {
            c0L = Vector256.Load(c);
            c0H = Vector256.Load(c + 8);
            c1L = Vector256.Load(c + ldc);
            c1H = Vector256.Load(c + ldc + 8);
        }

        float* a0 = a;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> bL, out Vector256<float> bH);
            Vector256<float> x0 = Vector256.Create(*a0);
            c0L = Vector256.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector256.FusedMultiplyAdd(x0, bH, c0H);
            Vector256<float> x1 = Vector256.Create(a0[rowStride]);
            c1L = Vector256.FusedMultiplyAdd(x1, bL, c1L);
            c1H = Vector256.FusedMultiplyAdd(x1, bH, c1H);
            a0 += stepStride;
            panel += 16 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 8);
        c1L.Store(c + ldc);
        c1H.Store(c + ldc + 8);
    }

    /// <summary>c[1 × 16] = (load ? c : 0) + A·B over <paramref name="k"/> steps; B is a packed panel, 16 values a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x16<TPanel>(int k, float* a, nint rowStride, nint stepStride, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> c0L = default, c0H = default;
        if (load)
        {
            c0L = Vector256.Load(c);
            c0H = Vector256.Load(c + 8);
        }

        float* a0 = a;
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> bL, out Vector256<float> bH);
            Vector256<float> x0 = Vector256.Create(*a0);
            c0L = Vector256.FusedMultiplyAdd(x0, bL, c0L);
            c0H = Vector256.FusedMultiplyAdd(x0, bH, c0H);
            a0 += stepStride;
            panel += 16 * TPanel.Bytes;
        }

        c0L.Store(c);
        c0H.Store(c + 8);
    }
}
