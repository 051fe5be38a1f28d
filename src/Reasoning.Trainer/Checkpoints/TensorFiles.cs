using Reasoning.Models;
using Reasoning.Trainer.Objectives;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Checkpoints;

/// <summary>Tensors to and from safetensors files, in float32.</summary>
internal static class TensorFiles
{
    public static SafeTensorSource Source(string name, Tensor tensor) => new(name, tensor.shape, SafeTensorsDType.F32, Floats.Of(tensor));

    /// <summary>Fills a tensor in place.</summary>
    public static void Fill(Tensor tensor, SafeTensorsReader file, string name)
    {
        SafeTensorEntry entry = file.Find(name);
        if (!entry.Shape.AsSpan().SequenceEqual(tensor.shape))
            throw new UserErrorException(
                $"{file.File}: {name} has the shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", tensor.shape)}]");
        var values = new float[entry.Count];
        file.Read(name, values);
        Floats.Fill(tensor, values);
    }
}
