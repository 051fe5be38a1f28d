using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>Brings numbers out of tensors and into them.</summary>
public static class Floats
{
    /// <summary>The values of a tensor of any shape and device, as float32.</summary>
    public static float[] Of(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ready = values.detach().to(ScalarType.Float32, CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(ready.bytes).ToArray();
    }

    /// <summary>The values of tensors of one element each, in one copy: every copy waits for the device.</summary>
    public static double[] Numbers(IReadOnlyList<Tensor> scalars)
    {
        if (scalars.Count == 0) return [];
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor all = stack(scalars.Select(scalar => scalar.to(ScalarType.Float64, scalars[^1].device)));
        return all.cpu().data<double>().ToArray();
    }

    /// <summary>A vector on the device of <paramref name="like"/>, float32 or its wider type; owned by the caller's scope.</summary>
    public static Tensor VectorLike(Tensor like, float[] values) =>
        tensor(values, dtype: like.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32, device: like.device);
}
