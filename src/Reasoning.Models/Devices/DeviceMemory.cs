using System.Globalization;
using System.Runtime.InteropServices;

namespace Reasoning.Models.Devices;

/// <summary>Memory of a CUDA device, as the driver's management library (NVML) tells it; TorchSharp has no call for it.</summary>
/// <param name="Free">Bytes that nobody holds.</param>
/// <param name="Total">Bytes of the device.</param>
public readonly unsafe record struct DeviceMemory(long Free, long Total)
{
    private static readonly string[] s_libraries = ["libnvidia-ml.so.1", "nvml.dll"];

    /// <summary>Bytes in use, by this and other processes.</summary>
    public long Used => Total - Free;

    /// <summary>What a device has; null for the CPU, and where the library is missing or does not answer.</summary>
    public static DeviceMemory? Of(ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.IsCpu) return null;
        foreach (string library in s_libraries)
        {
            if (!NativeLibrary.TryLoad(library, out nint handle)) continue;
            int index = PhysicalIndex(Math.Max(0, device.Device.index), Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"));
            return index < 0 ? null : Ask(handle, index);
        }

        return null;
    }

    /// <summary>The driver's number of a CUDA device, which CUDA_VISIBLE_DEVICES may renumber; −1 where it names devices otherwise.</summary>
    internal static int PhysicalIndex(int index, string? visible)
    {
        if (string.IsNullOrWhiteSpace(visible)) return index;
        string[] names = visible.Split(',', StringSplitOptions.TrimEntries);
        return index < names.Length && int.TryParse(names[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
    }

    private static DeviceMemory? Ask(nint library, int index)
    {
        if (!NativeLibrary.TryGetExport(library, "nvmlInit_v2", out nint init)
            || !NativeLibrary.TryGetExport(library, "nvmlDeviceGetHandleByIndex_v2", out nint byIndex)
            || !NativeLibrary.TryGetExport(library, "nvmlDeviceGetMemoryInfo", out nint memory))
        {
            return null;
        }

        nint device;
        ulong* info = stackalloc ulong[3]; // total, free, used
        bool answered = ((delegate* unmanaged<int>)init)() == 0
            && ((delegate* unmanaged<uint, nint*, int>)byIndex)((uint)index, &device) == 0
            && ((delegate* unmanaged<nint, ulong*, int>)memory)(device, info) == 0;
        return answered ? new DeviceMemory((long)info[1], (long)info[0]) : null;
    }
}
