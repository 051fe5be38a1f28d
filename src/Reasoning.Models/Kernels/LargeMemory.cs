using System.Runtime.InteropServices;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Native memory for tensors and caches. Large blocks ask Linux for pages of 2 MiB: with those of 4 KiB a pass over a hundred megabytes
/// keeps missing the address translation cache, and a fresh block costs a page fault for each 4 KiB.
/// </summary>
internal static unsafe partial class LargeMemory
{
    private const int Alignment = 64;
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    /// <summary>Memory of undefined content, aligned to a cache line at least. Freed with <see cref="Free"/>.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    internal static void* Allocate(nuint bytes)
    {
        if (bytes < HugePage || !OperatingSystem.IsLinux())
            return NativeMemory.AlignedAlloc(bytes, Alignment);
        // Whole pages, so that no other block shares the last one.
        nuint whole = (bytes + HugePage - 1) & ~(HugePage - 1);
        void* block = NativeMemory.AlignedAlloc(whole, HugePage);
        // Advice only: where the kernel has no such pages, nothing changes.
        _ = Advise(block, whole, AdviseHugePages);
        return block;
    }

    internal static void Free(void* block) => NativeMemory.AlignedFree(block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
