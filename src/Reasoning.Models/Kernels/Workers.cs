namespace Reasoning.Models.Kernels;

/// <summary>
/// Data-parallel loops on one persistent pool of threads per process. How a loop is cut into items is the
/// caller's choice and never depends on timing or thread count, so neither do results.
/// </summary>
/// <remarks>
/// This file is compiled into the embedded backend and into the product, which may not reference each other's
/// internals. Both copies must drive the same threads: two pools would fight for the cores. The first copy that
/// runs a loop publishes its pool as a plain delegate in <see cref="AppContext"/>; the other copy finds it there.
/// </remarks>
internal static class Workers
{
    private const string PoolKey = "Reasoning.Models.Kernels.Workers";

    private static readonly Action<int, int, Action<int>> s_run = FindOrCreatePool();
    private static int s_count = Math.Max(1, Environment.ProcessorCount);

    /// <summary>Threads used by <see cref="For"/>, the caller included.</summary>
    internal static int Count
    {
        get => s_count;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            s_count = value;
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> once for each of 0 … <paramref name="items"/> − 1. A loop started inside another,
    /// or while another thread's loop has the pool, runs on its caller alone.
    /// </summary>
    internal static void For(int items, Action<int> body)
    {
        if (items <= 1 || s_count == 1)
        {
            for (int i = 0; i < items; i++)
                body(i);
            return;
        }

        s_run(items, s_count, body);
    }

    private static Action<int, int, Action<int>> FindOrCreatePool()
    {
        // Two copies that start at the same instant could both publish; the later one wins and the earlier only wastes idle threads.
        if (AppContext.GetData(PoolKey) is Action<int, int, Action<int>> published)
            return published;
        Action<int, int, Action<int>> run = new WorkerPool().Run;
        AppContext.SetData(PoolKey, run);
        return run;
    }
}
