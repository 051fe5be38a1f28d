namespace Reasoning.Models.Kernels;

/// <summary>Working memory of one thread, grown to the largest request and reused. Contents are undefined at first.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static float[]? t_buffer;

    /// <summary>
    /// At least <paramref name="count"/> floats, aligned to a cache line; valid until the next call on this thread.
    /// The buffer is pinned and stays reachable through the thread, so the pointer needs no further care.
    /// </summary>
    internal static float* Rent(long count)
    {
        int length = checked((int)count + (Alignment / sizeof(float)));
        if (t_buffer is null || t_buffer.Length < length)
            t_buffer = GC.AllocateUninitializedArray<float>(length, pinned: true);

        nint address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref t_buffer[0]);
        return (float*)((address + Alignment - 1) & ~(Alignment - 1));
    }
}
