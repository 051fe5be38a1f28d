using System.Runtime.InteropServices;

namespace Reasoning.Models;

/// <summary>Settings of the C libraries below libtorch that count only if they are made before it is loaded.</summary>
public static partial class NativeRuntime
{
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD of malloc.h
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD

    /// <summary>
    /// Lets OpenMP's threads sleep between loops: spinning beside the threads of BLAS and of this program, they make small models many
    /// times slower. And gives freed tensors back to the system early: TorchSharp's scalars fragment the heap between them. What the
    /// environment says already stays. Without effect on the embedded backend and outside Linux.
    /// </summary>
    public static void Prepare()
    {
        if (BuiltBackend.Name == BuiltBackend.Embedded || !OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
            if (Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is null)
            {
                _ = SetAllocator(MmapThreshold, 65_536);
                _ = SetAllocator(TrimThreshold, 131_072);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc: its allocator has no such settings.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int option, int value);
}
