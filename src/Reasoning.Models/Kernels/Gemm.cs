using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Reasoning.Models.Devices;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Products x·Wᵀ with a weight that is packed once and used many times. Generation needs them: it reads each weight for every token, mostly
/// with few rows of x, and a BLAS library sums in another order for another number of rows, so a rollout would depend on its batch.
/// </summary>
/// <remarks>
/// W lies in panels as wide as a register tile; x is broadcast from where it lies. Work is cut by panels, never along k. Each element of the
/// result is therefore one chain of fused multiply-adds in the order of k: its bits do not depend on the thread count, on the number of
/// rows, or on which other rows are in the batch.
/// </remarks>
internal static unsafe partial class Gemm
{
    /// <summary>Steps of k taken at once: a panel of 512 × 32 floats is 64 KiB and stays in the second-level cache.</summary>
    private const int StepBlock = 512;

    /// <summary>Work of one task, in multiply-adds: enough to be worth handing out.</summary>
    private const long TaskWork = 100_000;

    private static readonly int s_panel = Vector512.IsHardwareAccelerated ? 32 : 16;
    private static readonly int s_tile = Vector512.IsHardwareAccelerated ? 12 : 6;
    private static readonly int s_smallTile = Vector512.IsHardwareAccelerated ? 4 : 2;

    [ThreadStatic]
    private static float* t_buffer;

    [ThreadStatic]
    private static nuint t_bufferLength;

    /// <summary>Bytes that a packed weight [n, k] takes.</summary>
    internal static long PackedBytes(int n, int k, bool bfloat16) =>
        (n + (long)s_panel - 1) / s_panel * s_panel * k * (bfloat16 ? sizeof(ushort) : sizeof(float));

    /// <summary>Packs W [n, k], row-major, into panels; rounds to the nearest bfloat16 if asked to.</summary>
    internal static void Pack(int n, int k, float* weight, int ldw, void* packed, bool bfloat16)
    {
        int panels = (n + s_panel - 1) / s_panel;
        Workers.For(panels, panel =>
        {
            int column = panel * s_panel, width = Math.Min(s_panel, n - column);
            float* source = weight + ((long)column * ldw);
            if (!bfloat16)
            {
                PackColumns(source, ldw, width, k, (float*)packed + ((long)column * k), s_panel);
                return;
            }

            float* block = Buffer(StepBlock * s_panel);
            for (int step = 0; step < k; step += StepBlock)
            {
                int steps = Math.Min(StepBlock, k - step);
                PackColumns(source + step, ldw, width, steps, block, s_panel);
                Narrow(block, steps, (uint*)packed + ((((long)column * k) + ((long)step * s_panel)) / 2));
            }
        });
    }

    /// <summary>c[m × n] = a[m × k] · Wᵀ with W [n, k] from <see cref="Pack"/>.</summary>
    internal static void RunPacked(int m, int n, int k, float* a, int lda, void* packed, bool bfloat16, float* c, int ldc)
    {
        if (bfloat16)
            RunPacked<BFloat16Panel>(m, n, k, a, lda, (byte*)packed, c, ldc);
        else
            RunPacked<FloatPanel>(m, n, k, a, lda, (byte*)packed, c, ldc);
    }

    private static void RunPacked<TPanel>(int m, int n, int k, float* a, int lda, byte* packed, float* c, int ldc)
        where TPanel : struct, IPanel
    {
        int panels = (n + s_panel - 1) / s_panel;
        int perTask = (int)Math.Clamp(TaskWork / ((long)m * k * s_panel), 1, panels);
        int tasks = (panels + perTask - 1) / perTask;
        Workers.For(tasks, task =>
        {
            int end = Math.Min(panels, (task + 1) * perTask);
            for (int panel = task * perTask; panel < end; panel++)
                Panel(panel);
        });

        void Panel(int panel)
        {
            int column = panel * s_panel, width = Math.Min(s_panel, n - column);
            byte* values = packed + ((long)column * k * TPanel.Bytes);
            float* scratch = Buffer(s_tile * s_panel);
            for (int step = 0; step < k; step += StepBlock)
            {
                int steps = Math.Min(StepBlock, k - step);
                for (int row = 0; row < m;)
                {
                    int rows = TileRows(m - row);
                    TileOrEdge<TPanel>(
                        rows, width, steps, a + ((long)row * lda) + step, lda, values + ((long)step * s_panel * TPanel.Bytes),
                        c + ((long)row * ldc) + column, ldc, step > 0, scratch);
                    row += rows;
                }
            }
        }
    }

    private static int TileRows(int remaining) => remaining >= s_tile ? s_tile : remaining >= s_smallTile ? s_smallTile : 1;

    /// <summary>A tile of which only <paramref name="width"/> columns exist: where that is not all, it is computed in scratch.</summary>
    private static void TileOrEdge<TPanel>(
        int rows, int width, int steps, float* a, nint lda, void* panel, float* c, int ldc, bool load, float* scratch)
        where TPanel : struct, IPanel
    {
        if (width == s_panel)
        {
            Tile<TPanel>(rows, steps, a, lda, panel, c, ldc, load);
            return;
        }

        if (load)
            CopyTile(c, ldc, scratch, s_panel, rows, width);
        Tile<TPanel>(rows, steps, a, lda, panel, scratch, s_panel, load);
        CopyTile(scratch, s_panel, c, ldc, rows, width);
    }

    private static void Tile<TPanel>(int rows, int steps, float* a, nint lda, void* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        byte* values = (byte*)panel;
        if (Vector512.IsHardwareAccelerated)
        {
            if (rows == 12)
                Tile12x32<TPanel>(steps, a, lda, values, c, ldc, load);
            else if (rows == 4)
                Tile4x32<TPanel>(steps, a, lda, values, c, ldc, load);
            else
                Tile1x32<TPanel>(steps, a, lda, values, c, ldc, load);
        }
        else
        {
            if (rows == 6)
                Tile6x16<TPanel>(steps, a, lda, values, c, ldc, load);
            else if (rows == 2)
                Tile2x16<TPanel>(steps, a, lda, values, c, ldc, load);
            else
                Tile1x16<TPanel>(steps, a, lda, values, c, ldc, load);
        }
    }

    private static void CopyTile(float* source, int sourceStride, float* target, int targetStride, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
            new ReadOnlySpan<float>(source + (long)i * sourceStride, width).CopyTo(new Span<float>(target + (long)i * targetStride, width));
    }

    /// <summary>This thread's packing buffer, kept for its lifetime.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float* Buffer(int floats)
    {
        if (t_bufferLength < (nuint)floats)
        {
            NativeMemory.AlignedFree(t_buffer);
            t_buffer = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
            t_bufferLength = (nuint)floats;
        }

        return t_buffer;
    }
}
