namespace Reasoning.Shared;

/// <summary>
/// A persistent pool of worker threads for data-parallel loops. One loop runs at a time; a loop started
/// from inside another runs inline. How work is split never depends on timing, so results do not either.
/// </summary>
internal static class Workers
{
    private static int s_count = Environment.ProcessorCount;

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

    /// <summary>Runs <paramref name="body"/> for 0 … <paramref name="items"/> − 1, each exactly once, on all workers.</summary>
    internal static void For(int items, Action<int> body)
    {
        if (items <= 1 || s_count == 1)
        {
            for (int i = 0; i < items; i++)
                body(i);
            return;
        }

        Parallel.For(0, items, new ParallelOptions { MaxDegreeOfParallelism = s_count }, body);
    }
}
