using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>
/// Register tiles on 512-bit vectors. 32 vector registers: 24 accumulators, two of W, one broadcast of x.
/// Every element is one chain of fused multiply-adds in the order of k, so its bits do not depend on the tile it falls in.
/// </content>
internal static unsafe partial class Gemm
{
    /// <summary>c[12 × 32] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x32<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> l0 = default, h0 = default;
        Vector512<float> l1 = default, h1 = default;
        Vector512<float> l2 = default, h2 = default;
        Vector512<float> l3 = default, h3 = default;
        Vector512<float> l4 = default, h4 = default;
        Vector512<float> l5 = default, h5 = default;
        Vector512<float> l6 = default, h6 = default;
        Vector512<float> l7 = default, h7 = default;
        Vector512<float> l8 = default, h8 = default;
        Vector512<float> l9 = default, h9 = default;
        Vector512<float> l10 = default, h10 = default;
        Vector512<float> l11 = default, h11 = default;
        if (load)
        {
            Load(c, out l0, out h0);
            Load(c + ldc, out l1, out h1);
            Load(c + (2 * ldc), out l2, out h2);
            Load(c + (3 * ldc), out l3, out h3);
            Load(c + (4 * ldc), out l4, out h4);
            Load(c + (5 * ldc), out l5, out h5);
            Load(c + (6 * ldc), out l6, out h6);
            Load(c + (7 * ldc), out l7, out h7);
            Load(c + (8 * ldc), out l8, out h8);
            Load(c + (9 * ldc), out l9, out h9);
            Load(c + (10 * ldc), out l10, out h10);
            Load(c + (11 * ldc), out l11, out h11);
        }

        float* a3 = a + (3 * lda), a6 = a + (6 * lda), a9 = a + (9 * lda);
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> low, out Vector512<float> high);
            Vector512<float> x = Vector512.Create(a[0]);
            l0 = Vector512.FusedMultiplyAdd(x, low, l0);
            h0 = Vector512.FusedMultiplyAdd(x, high, h0);
            x = Vector512.Create(a[lda]);
            l1 = Vector512.FusedMultiplyAdd(x, low, l1);
            h1 = Vector512.FusedMultiplyAdd(x, high, h1);
            x = Vector512.Create(a[2 * lda]);
            l2 = Vector512.FusedMultiplyAdd(x, low, l2);
            h2 = Vector512.FusedMultiplyAdd(x, high, h2);
            x = Vector512.Create(a3[0]);
            l3 = Vector512.FusedMultiplyAdd(x, low, l3);
            h3 = Vector512.FusedMultiplyAdd(x, high, h3);
            x = Vector512.Create(a3[lda]);
            l4 = Vector512.FusedMultiplyAdd(x, low, l4);
            h4 = Vector512.FusedMultiplyAdd(x, high, h4);
            x = Vector512.Create(a3[2 * lda]);
            l5 = Vector512.FusedMultiplyAdd(x, low, l5);
            h5 = Vector512.FusedMultiplyAdd(x, high, h5);
            x = Vector512.Create(a6[0]);
            l6 = Vector512.FusedMultiplyAdd(x, low, l6);
            h6 = Vector512.FusedMultiplyAdd(x, high, h6);
            x = Vector512.Create(a6[lda]);
            l7 = Vector512.FusedMultiplyAdd(x, low, l7);
            h7 = Vector512.FusedMultiplyAdd(x, high, h7);
            x = Vector512.Create(a6[2 * lda]);
            l8 = Vector512.FusedMultiplyAdd(x, low, l8);
            h8 = Vector512.FusedMultiplyAdd(x, high, h8);
            x = Vector512.Create(a9[0]);
            l9 = Vector512.FusedMultiplyAdd(x, low, l9);
            h9 = Vector512.FusedMultiplyAdd(x, high, h9);
            x = Vector512.Create(a9[lda]);
            l10 = Vector512.FusedMultiplyAdd(x, low, l10);
            h10 = Vector512.FusedMultiplyAdd(x, high, h10);
            x = Vector512.Create(a9[2 * lda]);
            l11 = Vector512.FusedMultiplyAdd(x, low, l11);
            h11 = Vector512.FusedMultiplyAdd(x, high, h11);
            a++;
            a3++;
            a6++;
            a9++;
            panel += 32 * TPanel.Bytes;
        }

        Store(c, l0, h0);
        Store(c + ldc, l1, h1);
        Store(c + (2 * ldc), l2, h2);
        Store(c + (3 * ldc), l3, h3);
        Store(c + (4 * ldc), l4, h4);
        Store(c + (5 * ldc), l5, h5);
        Store(c + (6 * ldc), l6, h6);
        Store(c + (7 * ldc), l7, h7);
        Store(c + (8 * ldc), l8, h8);
        Store(c + (9 * ldc), l9, h9);
        Store(c + (10 * ldc), l10, h10);
        Store(c + (11 * ldc), l11, h11);
    }

    /// <summary>c[4 × 32] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x32<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> l0 = default, h0 = default;
        Vector512<float> l1 = default, h1 = default;
        Vector512<float> l2 = default, h2 = default;
        Vector512<float> l3 = default, h3 = default;
        if (load)
        {
            Load(c, out l0, out h0);
            Load(c + ldc, out l1, out h1);
            Load(c + (2 * ldc), out l2, out h2);
            Load(c + (3 * ldc), out l3, out h3);
        }

        float* a3 = a + (3 * lda);
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> low, out Vector512<float> high);
            Vector512<float> x = Vector512.Create(a[0]);
            l0 = Vector512.FusedMultiplyAdd(x, low, l0);
            h0 = Vector512.FusedMultiplyAdd(x, high, h0);
            x = Vector512.Create(a[lda]);
            l1 = Vector512.FusedMultiplyAdd(x, low, l1);
            h1 = Vector512.FusedMultiplyAdd(x, high, h1);
            x = Vector512.Create(a[2 * lda]);
            l2 = Vector512.FusedMultiplyAdd(x, low, l2);
            h2 = Vector512.FusedMultiplyAdd(x, high, h2);
            x = Vector512.Create(a3[0]);
            l3 = Vector512.FusedMultiplyAdd(x, low, l3);
            h3 = Vector512.FusedMultiplyAdd(x, high, h3);
            a++;
            a3++;
            panel += 32 * TPanel.Bytes;
        }

        Store(c, l0, h0);
        Store(c + ldc, l1, h1);
        Store(c + (2 * ldc), l2, h2);
        Store(c + (3 * ldc), l3, h3);
    }

    /// <summary>c[1 × 32] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x32<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector512<float> l0 = default, h0 = default;
        if (load)
        {
            Load(c, out l0, out h0);
        }

        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector512<float> low, out Vector512<float> high);
            Vector512<float> x = Vector512.Create(a[0]);
            l0 = Vector512.FusedMultiplyAdd(x, low, l0);
            h0 = Vector512.FusedMultiplyAdd(x, high, h0);
            a++;
            panel += 32 * TPanel.Bytes;
        }

        Store(c, l0, h0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* c, out Vector512<float> low, out Vector512<float> high) => (low, high) = (Vector512.Load(c), Vector512.Load(c + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> low, Vector512<float> high)
    {
        low.Store(c);
        high.Store(c + 16);
    }
}
