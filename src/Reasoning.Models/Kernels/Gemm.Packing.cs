using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reasoning.Models.Kernels;

/// <content>Packing of B into panels: for each step of k, <c>panel</c> neighbouring columns of op(B), zero beyond the edge.</content>
internal static unsafe partial class Gemm
{
    /// <summary>Rows of B are already in panel order: copy.</summary>
    private static void PackRows(float* source, int stride, int width, int steps, float* packed, int panel)
    {
        if (width == panel)
        {
            for (int p = 0; p < steps; p++, source += stride, packed += panel)
            {
                for (int j = 0; j < panel; j += 16)
                {
                    Vector256.Load(source + j).Store(packed + j);
                    Vector256.Load(source + j + 8).Store(packed + j + 8);
                }
            }

            return;
        }

        for (int p = 0; p < steps; p++, source += stride, packed += panel)
        {
            var row = new Span<float>(packed, panel);
            new ReadOnlySpan<float>(source, width).CopyTo(row);
            row[width..].Clear();
        }
    }

    /// <summary>Columns of op(B) are rows of the stored matrix: transpose in 8 × 8 blocks.</summary>
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

    /// <summary>Neighbouring panels of rows of B, one behind the other: each row is read once from left to right.</summary>
    private static void PackRowPanels(float* source, int stride, int columns, int steps, float* packed)
    {
        const int Together = 32;
        for (int first = 0; first < steps; first += Together)
        {
            // A few rows at a time: their cache lines are still there when the next panel reads on.
            int count = Math.Min(Together, steps - first);
            for (int column = 0; column < columns; column += s_panel)
            {
                PackRows(
                    source + ((long)first * stride) + column, stride, Math.Min(s_panel, columns - column), count,
                    packed + ((nint)column * StepBlock) + ((nint)first * s_panel), s_panel);
            }
        }
    }

    /// <summary>Neighbouring panels of columns of B, one behind the other.</summary>
    private static void PackColumnPanels(float* source, int stride, int columns, int steps, float* packed)
    {
        for (int column = 0; column < columns; column += s_panel)
            PackColumns(source + ((long)column * stride), stride, Math.Min(s_panel, columns - column), steps, packed + ((nint)column * StepBlock), s_panel);
    }

    /// <summary>
    /// Rows of op(A) = Aᵀ, which lie as columns: register tile after register tile, within it the values of a step of k side by side. The
    /// tile that begins at row r begins at r · <see cref="LeftStride"/>.
    /// </summary>
    private static void PackLeftColumns(float* source, int stride, int rows, int steps, float* left)
    {
        int whole = rows / s_tile * s_tile;
        for (int p = 0; p < steps; p++, source += stride)
        {
            for (int first = 0; first < whole; first += s_tile)
            {
                float* from = source + first, to = left + ((nint)first * LeftStride) + (p * s_tile);
                if (Vector512.IsHardwareAccelerated)
                {
                    Vector256.Load(from).Store(to);
                    Vector128.Load(from + 8).Store(to + 8);
                }
                else
                {
                    Vector128.Load(from).Store(to);
                    *(long*)(to + 4) = *(long*)(from + 4);
                }
            }

            for (int first = whole; first < rows;)
            {
                int height = TileRows(rows - first);
                float* to = left + ((nint)first * LeftStride) + (p * height);
                for (int i = 0; i < height; i++)
                    to[i] = source[first + i];
                first += height;
            }
        }
    }

    /// <summary>
    /// Begins to load the values of <see cref="LeftTiles"/> register tiles of Aᵀ for some steps of k: they lie in a few cache lines of each
    /// row, too far apart for a hardware prefetcher. Advice only, so the addresses may lie beyond the matrix.
    /// </summary>
    private static void Prefetch(float* source, nint stride, int steps)
    {
        if (!Sse.IsSupported)
            return;
        for (int p = 0; p < steps; p++, source += stride)
        {
            Sse.Prefetch1(source);
            Sse.Prefetch1(source + 16);
            Sse.Prefetch1(source + 32);
            Sse.Prefetch1(source + (LeftTiles * 12) - 1);
        }
    }
}
