namespace Reasoning.Models.Devices;

/// <summary>How much of a device's memory may hold what can be cut smaller: a chunk of logits, the cache of running sequences.</summary>
internal static class DeviceBudget
{
    /// <summary>Logits of one chunk of the output head; about four such tensors exist at once (512 MB each in float32).</summary>
    internal static long HeadElements { get; private set; } = 1L << 27;

    /// <summary>Keys and values of all running sequences.</summary>
    internal static long CacheBytes { get; private set; } = 4L << 30;

    /// <summary>Sizes both by what is free once the model is there: an eighth for the head, a quarter for the cache.</summary>
    internal static void Fit(long freeBytes)
    {
        HeadElements = Math.Max(1L << 22, freeBytes / 8 / (4 * sizeof(float)));
        CacheBytes = Math.Max(64L << 20, freeBytes / 4);
    }
}
