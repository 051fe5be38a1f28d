using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>Brings small tensors from main memory to a device without waiting for it: through pinned memory, in the order of its work.</summary>
internal static class Transfer
{
    /// <summary>[values] int64 indices, made in place. Owned by the caller's scope.</summary>
    internal static Tensor Indices(Device device, ReadOnlySpan<int> values)
    {
        Tensor host = empty(values.Length, ScalarType.Int64, CPU);
        Span<long> wide = MemoryMarshal.Cast<byte, long>(host.bytes);
        for (int i = 0; i < values.Length; i++)
            wide[i] = values[i];
        return To(device, host);
    }

    /// <summary>The values on the device; for the CPU the tensor itself. Owned by the caller's scope.</summary>
    internal static Tensor To(Device device, Tensor host) =>
        device.type == DeviceType.CUDA ? host.pin_memory().to(device, non_blocking: true) : host.to(device);
}
