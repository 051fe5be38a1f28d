namespace Reasoning.Models.Kernels;

/// <content>
/// Products with a weight that is packed once and used many times, x·Wᵀ: generation reads each weight for every token, mostly with few
/// rows of x, so neither packing nor broadcasting the weight would pay. The elements are the same chains as those of the plain product:
/// with float32 panels also the same bits.
/// </content>
internal static unsafe partial class Gemm
{
    /// <summary>Work of one task, in multiply-adds: enough to be worth handing out.</summary>
    private const long TaskWork = 100_000;

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
                        rows, width, steps, a + ((long)row * lda) + step, lda, 1, values + ((long)step * s_panel * TPanel.Bytes),
                        c + ((long)row * ldc) + column, ldc, step > 0, scratch);
                    row += rows;
                }
            }
        }
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
