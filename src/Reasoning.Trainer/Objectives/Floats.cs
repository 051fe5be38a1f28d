using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>Brings numbers out of tensors and into them.</summary>
internal static class Floats
{
    /// <summary>The values of a tensor of any shape and device, as float32.</summary>
    public static float[] Of(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ready = values.detach().to(ScalarType.Float32, CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(ready.bytes).ToArray();
    }

    /// <summary>Replaces the values of a tensor.</summary>
    public static void Fill(Tensor destination, float[] values)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        destination.copy_(tensor(values).view(destination.shape)).DetachFromDisposeScope();
    }

    /// <summary>A vector on the device of <paramref name="like"/>, float32 or its wider type; owned by the caller's scope.</summary>
    public static Tensor Beside(Tensor like, float[] values) =>
        tensor(values, dtype: like.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32, device: like.device);
}
