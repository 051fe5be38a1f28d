using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Matrix products of row-major matrices, C = op(A)·op(B) (+ C), transposed operands read in place.
/// </summary>
/// <remarks>
/// B is packed panel by panel (a panel is as wide as a register tile) into a buffer of the worker that uses it; A is
/// broadcast from where it lies, Aᵀ from a packed strip. Work is cut into (row chunk × group of panels) tasks; k is never split between
/// workers. Each element of C is therefore one chain of fused multiply-adds in the order of k: its bits do not depend on
/// the thread count, on m or n, or on which other rows are in the batch. Generation relies on that.
/// </remarks>
internal static unsafe partial class Gemm
{
    /// <summary>Steps of k packed at once: a panel of 512 × 32 floats is 64 KiB and stays in the second-level cache.</summary>
    private const int StepBlock = 512;

    /// <summary>Most rows of A per task, a multiple of every tile height: each task packs its panels of B once for all its rows.</summary>
    private const int RowChunk = 1920;

    /// <summary>Panels that one task keeps packed, half of a second-level cache: a strip of A that was fetched once serves them all.</summary>
    private const int GroupPanels = 8;

    /// <summary>Register tiles whose rows of Aᵀ are packed at once, so that each row of the stored matrix gives whole cache lines.</summary>
    private const int LeftTiles = 4;

    /// <summary>Floats from packed row to packed row of Aᵀ, counted by the rows of a tile; not a power of two, so that tiles do not share cache sets.</summary>
    private const int LeftStride = StepBlock + 16;

    /// <summary>Floats of a packed strip of Aᵀ.</summary>
    private const int LeftFloats = LeftTiles * 12 * LeftStride;

    /// <summary>Below this many rows of A, x·Wᵀ packs x instead of W, so that each weight is read exactly once.</summary>
    private const int FewRows = 48;

    private static readonly int s_panel = Vector512.IsHardwareAccelerated ? 32 : 16;
    private static readonly int s_tile = Vector512.IsHardwareAccelerated ? 12 : 6;
    private static readonly int s_smallTile = Vector512.IsHardwareAccelerated ? 4 : 2;

    [ThreadStatic]
    private static float* t_buffer;

    [ThreadStatic]
    private static nuint t_bufferLength;

    /// <summary>C[m × n] = op(A)[m × k] · op(B)[k × n] (+ C). Strides are those of the stored matrices, in elements.</summary>
    internal static void Run(bool transA, bool transB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate)
    {
        if (m <= 0 || n <= 0)
            return;
        if (k <= 0)
        {
            if (!accumulate)
            {
                for (int i = 0; i < m; i++)
                    new Span<float>(c + (long)i * ldc, n).Clear();
            }

            return;
        }

        if (!transA && transB && m < FewRows && n > m)
        {
            RunTransposed(m, n, k, a, lda, b, ldb, c, ldc, accumulate);
            return;
        }

        nint rowStride = transA ? 1 : lda, stepStride = transA ? lda : 1;
        int panels = (n + s_panel - 1) / s_panel;
        int groups = (panels + GroupPanels - 1) / GroupPanels, groupPanels = (panels + groups - 1) / groups;
        int chunkRows = ChunkRows(m, groups, (long)m * n * k);
        int chunks = (m + chunkRows - 1) / chunkRows;
        int tasks = chunks * groups;
        if (tasks == 1 || (long)m * n * k < 40_000)
        {
            for (int task = 0; task < tasks; task++)
                Run(task);
            return;
        }

        Workers.For(tasks, Run);

        void Run(int task)
        {
            int firstRow = task / groups * chunkRows, endRow = Math.Min(m, firstRow + chunkRows);
            int firstColumn = task % groups * groupPanels * s_panel, endColumn = Math.Min(n, firstColumn + (groupPanels * s_panel));
            float* packed = Buffer((StepBlock * s_panel * GroupPanels) + LeftFloats + (s_tile * s_panel));
            float* left = packed + (StepBlock * s_panel * GroupPanels);
            float* scratch = left + LeftFloats;
            float* end = a + ((k - 1) * stepStride);
            for (int step = 0; step < k; step += StepBlock)
            {
                int steps = Math.Min(StepBlock, k - step);
                int columns = Math.Min(endColumn, n) - firstColumn;
                if (transB)
                    PackColumnPanels(b + ((long)firstColumn * ldb) + step, ldb, columns, steps, packed);
                else
                    PackRowPanels(b + ((long)step * ldb) + firstColumn, ldb, columns, steps, packed);

                bool load = accumulate || step > 0;
                for (int row = firstRow; row < endRow;)
                {
                    int rows = Math.Min(endRow - row, LeftTiles * s_tile);
                    float* block = a + (row * rowStride) + (step * stepStride);
                    bool pack = columns > s_panel && transA;
                    if (pack)
                        PackLeftColumns(block, lda, rows, steps, left);
                    // The strip after this one, or the same rows of the next steps after the last.
                    float* next = row + rows < endRow ? block + (rows * rowStride) : a + (firstRow * rowStride) + ((step + steps) * stepStride);
                    Strip(
                        rows, steps, pack ? left : block, pack, rowStride, stepStride, packed, columns, c + ((long)row * ldc) + firstColumn, ldc, load,
                        scratch, pack && next < end ? next : null);
                    row += rows;
                }
            }
        }
    }

    /// <summary>
    /// c[rows × columns] (+)= A·B for some rows of A and a group of packed panels, while the rows that come <paramref name="next"/> are
    /// fetched (null: none).
    /// </summary>
    private static void Strip(
        int rows, int steps, float* a, bool isPacked, nint rowStride, nint stepStride, float* panels, int columns, float* c, int ldc, bool load,
        float* scratch, float* next)
    {
        int calls = (rows + s_tile - 1) / s_tile * ((columns + s_panel - 1) / s_panel), ahead = (steps + calls - 1) / calls;
        for (int first = 0; first < rows;)
        {
            int height = TileRows(rows - first);
            float* tile = a + (first * (isPacked ? LeftStride : rowStride));
            nint across = isPacked ? 1 : rowStride, along = isPacked ? height : stepStride;
            for (int column = 0; column < columns; column += s_panel)
            {
                float* panel = panels + ((nint)column * StepBlock), target = c + ((long)first * ldc) + column;
                int width = Math.Min(s_panel, columns - column);
                if (next != null)
                {
                    Prefetch(next, stepStride, ahead);
                    next += ahead * stepStride;
                }

                TileOrEdge<FloatPanel>(height, width, steps, tile, across, along, panel, target, ldc, load, scratch);
            }

            first += height;
        }
    }

    /// <summary>A batch of independent products; strides between matrices in elements (0 repeats one matrix).</summary>
    internal static void Batched(bool transA, bool transB, int batch, int m, int n, int k,
        float* a, int lda, long strideA, float* b, int ldb, long strideB, float* c, int ldc, long strideC, bool accumulate)
        => Workers.For(batch, i => Run(transA, transB, m, n, k, a + i * strideA, lda, b + i * strideB, ldb, c + i * strideC, ldc, accumulate));

    /// <summary>
    /// C = A·Bᵀ for few rows of A, computed as Cᵀ = B·Aᵀ: the rows of B (a weight) are broadcast in place, A is the packed
    /// panel, and each register tile is stored transposed.
    /// </summary>
    private static void RunTransposed(int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc, bool accumulate)
    {
        int panels = (m + s_panel - 1) / s_panel;
        int chunkRows = ChunkRows(n, panels, (long)m * n * k);
        int chunks = (n + chunkRows - 1) / chunkRows;
        int tasks = chunks * panels;
        if (tasks == 1 || (long)m * n * k < 40_000)
        {
            for (int task = 0; task < tasks; task++)
                Panel(task / panels * chunkRows, Math.Min(n, (task / panels + 1) * chunkRows), task % panels * s_panel);
            return;
        }

        Workers.For(tasks, task => Panel(task / panels * chunkRows, Math.Min(n, (task / panels + 1) * chunkRows), task % panels * s_panel));

        void Panel(int first, int end, int column)
        {
            int width = Math.Min(s_panel, m - column);
            float* packed = Buffer(StepBlock * s_panel + s_tile * s_panel);
            float* scratch = packed + StepBlock * s_panel;
            for (int step = 0; step < k; step += StepBlock)
            {
                int steps = Math.Min(StepBlock, k - step);
                PackColumns(a + (long)column * lda + step, lda, width, steps, packed, s_panel);
                bool load = accumulate || step > 0;
                for (int row = first; row < end;)
                {
                    int rows = TileRows(end - row);
                    float* target = c + (long)column * ldc + row;
                    if (load)
                    {
                        for (int j = 0; j < width; j++)
                            for (int i = 0; i < rows; i++)
                                scratch[i * s_panel + j] = target[(long)j * ldc + i];
                    }

                    Tile<FloatPanel>(rows, steps, b + (long)row * ldb + step, ldb, 1, packed, scratch, s_panel, load);
                    for (int j = 0; j < width; j++)
                        for (int i = 0; i < rows; i++)
                            target[(long)j * ldc + i] = scratch[i * s_panel + j];
                    row += rows;
                }
            }
        }
    }

    /// <summary>Large chunks amortize packing; enough tasks keep every worker busy. Bits of the result do not depend on it.</summary>
    private static int ChunkRows(int rows, int panels, long work)
    {
        int chunk = Math.Min(rows, RowChunk);
        int wanted = 2 * Workers.Count;
        if (work > 200_000 && panels * ((rows + chunk - 1) / chunk) < wanted)
        {
            int perPanel = (wanted + panels - 1) / panels;
            chunk = Math.Min(chunk, (rows + perPanel - 1) / perPanel);
        }

        return Math.Max(s_tile, (chunk + s_tile - 1) / s_tile * s_tile);
    }

    private static int TileRows(int remaining) => remaining >= s_tile ? s_tile : remaining >= s_smallTile ? s_smallTile : 1;

    /// <summary>A tile of which only <paramref name="width"/> columns exist: where that is not all, it is computed in scratch.</summary>
    private static void TileOrEdge<TPanel>(
        int rows, int width, int steps, float* a, nint rowStride, nint stepStride, void* panel, float* c, int ldc, bool load, float* scratch)
        where TPanel : struct, IPanel
    {
        if (width == s_panel)
        {
            Tile<TPanel>(rows, steps, a, rowStride, stepStride, panel, c, ldc, load);
            return;
        }

        if (load)
            CopyTile(c, ldc, scratch, s_panel, rows, width);
        Tile<TPanel>(rows, steps, a, rowStride, stepStride, panel, scratch, s_panel, load);
        CopyTile(scratch, s_panel, c, ldc, rows, width);
    }

    private static void Tile<TPanel>(int rows, int steps, float* a, nint rowStride, nint stepStride, void* panel, float* c, nint ldc, bool load)
        where TPanel : struct, IPanel
    {
        byte* values = (byte*)panel;
        if (Vector512.IsHardwareAccelerated)
        {
            if (rows == 12)
                Tile12x32<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
            else if (rows == 4)
                Tile4x32<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
            else
                Tile1x32<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
        }
        else
        {
            if (rows == 6)
                Tile6x16<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
            else if (rows == 2)
                Tile2x16<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
            else
                Tile1x16<TPanel>(steps, a, rowStride, stepStride, values, c, ldc, load);
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
