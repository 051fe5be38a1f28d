using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>Whether CUDA can be used, and if not, what was probed and what each loader said.</summary>
internal static class CudaProbe
{
    /// <summary>The library that a program with CUDA has and one without lacks.</summary>
    internal static string Torch => OperatingSystem.IsWindows() ? "torch_cuda.dll" : "libtorch_cuda.so";

    private static readonly string[] s_linux =
    [
        "libcuda.so.1", "libcudart.so.12", "libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9", "libc10_cuda.so", "libtorch_cuda.so",
        "libLibTorchSharp.so",
    ];

    private static readonly string[] s_windows =
    [
        "nvcuda.dll", "cudart64_12.dll", "cublasLt64_12.dll", "cublas64_12.dll", "cudnn64_9.dll", "c10_cuda.dll", "torch_cuda.dll", "LibTorchSharp.dll",
    ];

    /// <summary>Why the device with this number cannot be used, or null. TorchSharp by itself forgets which library did not load.</summary>
    internal static string? Problem(int index)
    {
        if (OperatingSystem.IsMacOS())
            return "there is no CUDA for this system";
        string trace;
        try
        {
            InitializeDeviceType(DeviceType.CUDA);
            int count = cuda.device_count();
            if (index < count)
                return null;
            if (count > 0)
                return $"there {(count == 1 ? "is 1 CUDA device" : $"are {count} CUDA devices")}, numbered from 0";
            trace = "libtorch finds no CUDA device";
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or ExternalException or DllNotFoundException or TypeInitializationException)
        {
            trace = FirstLine(e.Message);
        }

        NativeLibraryProbe[] probes = [.. (OperatingSystem.IsWindows() ? s_windows : s_linux).Select(NativeLibraryProbe.Load)];
        return $"{trace}; probed {string.Join("; ", probes.Select(probe => probe.ToString()))}; folders asked first: "
            + string.Join(", ", NativeLibraryProbe.Folders);
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Replace("Trace from LoadNativeBackend:", "", StringComparison.Ordinal).Trim().TrimEnd('.');
}
