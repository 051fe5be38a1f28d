using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>Whether the processor multiplies bfloat16 by itself. Where it does not, such products are slower than those of float32.</summary>
public static class Bfloat16Units
{
    /// <summary>What does it on this machine; null if nothing does.</summary>
    public static string? Name { get; } = X86Base.IsSupported ? NameOf(X86Base.CpuId) : null;

    /// <summary>Refuses products in bfloat16 where the processor would have to emulate them. A GPU is not asked.</summary>
    /// <param name="device">Where the model is.</param>
    /// <param name="option">What asked for it, for the message.</param>
    /// <exception cref="UserErrorException">This processor cannot.</exception>
    public static void Require(Device device, string option)
    {
        if (device.type == DeviceType.CPU && Name is null)
            throw Missing(option);
    }

    internal static UserErrorException Missing(string option) => new(
        $"{option}: this processor ({RuntimeInformation.ProcessArchitecture}) has neither AVX512-BF16 nor AMX, and products in bfloat16 would be "
        + "slower than in float32; leave it float32");

    /// <param name="cpuid">The instruction: leaf and sub-leaf in, four registers out.</param>
    internal static string? NameOf(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuid)
    {
        const int Features = 7, AmxBf16 = 1 << 22, Avx512Bf16 = 1 << 5;
        if (cpuid(0, 0).Eax < Features)
            return null;
        (int subLeaves, _, _, int edx) = cpuid(Features, 0);
        return (edx & AmxBf16) != 0 ? "AMX" : subLeaves >= 1 && (cpuid(Features, 1).Eax & Avx512Bf16) != 0 ? "AVX512-BF16" : null;
    }
}
