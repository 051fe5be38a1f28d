using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>
/// Register tiles on 256-bit vectors. 16 vector registers: 12 accumulators, two of W, one broadcast of x.
/// Every element is one chain of fused multiply-adds in the order of k, so its bits do not depend on the tile it falls in.
/// </content>
internal static unsafe partial class Gemm
{
    /// <summary>c[6 × 16] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x16<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> l0 = default, h0 = default;
        Vector256<float> l1 = default, h1 = default;
        Vector256<float> l2 = default, h2 = default;
        Vector256<float> l3 = default, h3 = default;
        Vector256<float> l4 = default, h4 = default;
        Vector256<float> l5 = default, h5 = default;
        if (load)
        {
            Load(c, out l0, out h0);
            Load(c + ldc, out l1, out h1);
            Load(c + (2 * ldc), out l2, out h2);
            Load(c + (3 * ldc), out l3, out h3);
            Load(c + (4 * ldc), out l4, out h4);
            Load(c + (5 * ldc), out l5, out h5);
        }

        float* a3 = a + (3 * lda);
        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> low, out Vector256<float> high);
            Vector256<float> x = Vector256.Create(a[0]);
            l0 = Vector256.FusedMultiplyAdd(x, low, l0);
            h0 = Vector256.FusedMultiplyAdd(x, high, h0);
            x = Vector256.Create(a[lda]);
            l1 = Vector256.FusedMultiplyAdd(x, low, l1);
            h1 = Vector256.FusedMultiplyAdd(x, high, h1);
            x = Vector256.Create(a[2 * lda]);
            l2 = Vector256.FusedMultiplyAdd(x, low, l2);
            h2 = Vector256.FusedMultiplyAdd(x, high, h2);
            x = Vector256.Create(a3[0]);
            l3 = Vector256.FusedMultiplyAdd(x, low, l3);
            h3 = Vector256.FusedMultiplyAdd(x, high, h3);
            x = Vector256.Create(a3[lda]);
            l4 = Vector256.FusedMultiplyAdd(x, low, l4);
            h4 = Vector256.FusedMultiplyAdd(x, high, h4);
            x = Vector256.Create(a3[2 * lda]);
            l5 = Vector256.FusedMultiplyAdd(x, low, l5);
            h5 = Vector256.FusedMultiplyAdd(x, high, h5);
            a++;
            a3++;
            panel += 16 * TPanel.Bytes;
        }

        Store(c, l0, h0);
        Store(c + ldc, l1, h1);
        Store(c + (2 * ldc), l2, h2);
        Store(c + (3 * ldc), l3, h3);
        Store(c + (4 * ldc), l4, h4);
        Store(c + (5 * ldc), l5, h5);
    }

    /// <summary>c[2 × 16] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2x16<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> l0 = default, h0 = default;
        Vector256<float> l1 = default, h1 = default;
        if (load)
        {
            Load(c, out l0, out h0);
            Load(c + ldc, out l1, out h1);
        }

        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> low, out Vector256<float> high);
            Vector256<float> x = Vector256.Create(a[0]);
            l0 = Vector256.FusedMultiplyAdd(x, low, l0);
            h0 = Vector256.FusedMultiplyAdd(x, high, h0);
            x = Vector256.Create(a[lda]);
            l1 = Vector256.FusedMultiplyAdd(x, low, l1);
            h1 = Vector256.FusedMultiplyAdd(x, high, h1);
            a++;
            panel += 16 * TPanel.Bytes;
        }

        Store(c, l0, h0);
        Store(c + ldc, l1, h1);
    }

    /// <summary>c[1 × 16] = (load ? c : 0) + a·W over <paramref name="k"/> steps of a packed panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x16<TPanel>(int k, float* a, nint lda, byte* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        Vector256<float> l0 = default, h0 = default;
        if (load)
        {
            Load(c, out l0, out h0);
        }

        for (int p = 0; p < k; p++)
        {
            TPanel.Load(panel, out Vector256<float> low, out Vector256<float> high);
            Vector256<float> x = Vector256.Create(a[0]);
            l0 = Vector256.FusedMultiplyAdd(x, low, l0);
            h0 = Vector256.FusedMultiplyAdd(x, high, h0);
            a++;
            panel += 16 * TPanel.Bytes;
        }

        Store(c, l0, h0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* c, out Vector256<float> low, out Vector256<float> high) => (low, high) = (Vector256.Load(c), Vector256.Load(c + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector256<float> low, Vector256<float> high)
    {
        low.Store(c);
        high.Store(c + 8);
    }
}
