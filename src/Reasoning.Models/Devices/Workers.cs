namespace Reasoning.Models.Devices;

/// <summary>
/// Data-parallel loops on one persistent pool of threads per process. How a loop is cut into items is the caller's choice and never depends
/// on timing or thread count, so neither do results.
/// </summary>
internal static class Workers
{
    private static readonly WorkerPool s_pool = new();
    private static int s_count = int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out int count) && count > 0
        ? count
        : Environment.ProcessorCount;

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
        if (items > 1 && s_count > 1)
        {
            s_pool.Run(items, s_count, body);
            return;
        }

        for (int i = 0; i < items; i++)
            body(i);
    }
}
