using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reasoning.Models.Kernels;

/// <content>The forms in which a packed panel holds W, and how it gets there. The kernels are compiled once for each form.</content>
internal static unsafe partial class Gemm
{
    /// <summary>How one step of a packed panel becomes two vectors of its columns.</summary>
    private interface IPanel
    {
        /// <summary>Bytes of a value.</summary>
        static abstract int Bytes { get; }

        static abstract void Load(byte* step, out Vector512<float> low, out Vector512<float> high);

        static abstract void Load(byte* step, out Vector256<float> low, out Vector256<float> high);
    }

    /// <summary>float32, column after column.</summary>
    private readonly struct FloatPanel : IPanel
    {
        public static int Bytes => sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector512<float> low, out Vector512<float> high)
        {
            low = Vector512.Load((float*)step);
            high = Vector512.Load((float*)step + 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector256<float> low, out Vector256<float> high)
        {
            low = Vector256.Load((float*)step);
            high = Vector256.Load((float*)step + 8);
        }
    }

    /// <summary>
    /// bfloat16, the upper half of a float32: a column and the one half a panel further share 32 bits, so that a shift and a mask make two
    /// vectors of neighbours.
    /// </summary>
    private readonly struct BFloat16Panel : IPanel
    {
        public static int Bytes => sizeof(ushort);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector512<float> low, out Vector512<float> high)
        {
            var pairs = Vector512.Load((uint*)step);
            low = (pairs << 16).AsSingle();
            high = (pairs & Vector512.Create(0xFFFF0000)).AsSingle();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector256<float> low, out Vector256<float> high)
        {
            var pairs = Vector256.Load((uint*)step);
            low = (pairs << 16).AsSingle();
            high = (pairs & Vector256.Create(0xFFFF0000)).AsSingle();
        }
    }

    /// <summary>For each step of k, neighbouring rows of W side by side, zero beyond the last: a transpose in 8 × 8 blocks.</summary>
    private static void PackColumns(float* source, int stride, int width, int steps, float* packed, int panel)
    {
        if (width < panel)
            new Span<float>(packed, steps * panel).Clear();
        int column = 0;
        if (Avx.IsSupported)
        {
            for (; column + 8 <= width; column += 8)
            {
                float* rows = source + (long)column * stride;
                int p = 0;
                for (; p + 8 <= steps; p += 8)
                    Transpose8x8(rows + p, stride, packed + (long)p * panel + column, panel);
                for (; p < steps; p++)
                    for (int j = 0; j < 8; j++)
                        packed[(long)p * panel + column + j] = rows[(long)j * stride + p];
            }
        }

        for (; column < width; column++)
        {
            float* row = source + (long)column * stride;
            for (int p = 0; p < steps; p++)
                packed[(long)p * panel + column] = row[p];
        }
    }

    private static void Transpose8x8(float* source, int stride, float* target, int targetStride)
    {
        Vector256<float> r0 = Avx.LoadVector256(source), r1 = Avx.LoadVector256(source + stride);
        Vector256<float> r2 = Avx.LoadVector256(source + 2L * stride), r3 = Avx.LoadVector256(source + 3L * stride);
        Vector256<float> r4 = Avx.LoadVector256(source + 4L * stride), r5 = Avx.LoadVector256(source + 5L * stride);
        Vector256<float> r6 = Avx.LoadVector256(source + 6L * stride), r7 = Avx.LoadVector256(source + 7L * stride);

        // Pairs of rows, then quadruples, then halves change places.
        Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> a4 = Avx.UnpackLow(r4, r5), a5 = Avx.UnpackHigh(r4, r5), a6 = Avx.UnpackLow(r6, r7), a7 = Avx.UnpackHigh(r6, r7);
        Vector256<float> b0 = Avx.Shuffle(a0, a2, 0x44), b1 = Avx.Shuffle(a0, a2, 0xEE), b2 = Avx.Shuffle(a1, a3, 0x44), b3 = Avx.Shuffle(a1, a3, 0xEE);
        Vector256<float> b4 = Avx.Shuffle(a4, a6, 0x44), b5 = Avx.Shuffle(a4, a6, 0xEE), b6 = Avx.Shuffle(a5, a7, 0x44), b7 = Avx.Shuffle(a5, a7, 0xEE);
        Avx.Store(target, Avx.Permute2x128(b0, b4, 0x20));
        Avx.Store(target + targetStride, Avx.Permute2x128(b1, b5, 0x20));
        Avx.Store(target + 2L * targetStride, Avx.Permute2x128(b2, b6, 0x20));
        Avx.Store(target + 3L * targetStride, Avx.Permute2x128(b3, b7, 0x20));
        Avx.Store(target + 4L * targetStride, Avx.Permute2x128(b0, b4, 0x31));
        Avx.Store(target + 5L * targetStride, Avx.Permute2x128(b1, b5, 0x31));
        Avx.Store(target + 6L * targetStride, Avx.Permute2x128(b2, b6, 0x31));
        Avx.Store(target + 7L * targetStride, Avx.Permute2x128(b3, b7, 0x31));
    }

    /// <summary>Steps of a float32 panel as bfloat16, rounded to nearest even: column j in the lower half, j + half a panel in the upper.</summary>
    private static void Narrow(float* panel, int steps, uint* target)
    {
        int half = s_panel / 2;
        for (int step = 0; step < steps; step++, panel += s_panel, target += half)
        {
            for (int j = 0; j < half; j++)
                target[j] = Round(panel[j]) | (Round(panel[j + half]) << 16);
        }

        static uint Round(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            // A NaN must not become infinite by losing its lower bits.
            return float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
        }
    }
}
