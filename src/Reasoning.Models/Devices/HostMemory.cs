using System.Runtime.InteropServices;

namespace Reasoning.Models.Devices;

/// <summary>What the C library does with memory that libtorch frees.</summary>
public static unsafe class HostMemory
{
    /// <summary>Number of the setting in malloc.h.</summary>
    private const int MmapThreshold = -3;

    /// <summary>
    /// Makes glibc give every block of this size and more back to the system when it is freed (1 MiB); by itself it comes to keep blocks of up to
    /// 32 MiB for later, in pieces that later blocks do not always fit into. Fresh memory costs time, beside products of such sizes little. For the
    /// whole process; nothing happens where the C library is another one.
    /// </summary>
    public static void GiveBackLargeBlocks()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "mallopt", out nint function))
            _ = ((delegate* unmanaged<int, int, int>)function)(MmapThreshold, 1 << 20);
    }
}
