using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>Writes a model as a Hugging Face checkpoint: the weights as one safetensors file, and config.json with their type.</summary>
internal static class CheckpointWriter
{
    internal static void Write(CausalLM model, string folder, SafeTensorsDType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Dictionary<string, Projection> projections = model.Projections().ToDictionary(p => p.Name + ".weight", p => p.Projection);
        var sources = new List<SafeTensorSource>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (name.EndsWith(".lora_A", StringComparison.Ordinal) || name.EndsWith(".lora_B", StringComparison.Ordinal))
                continue;
            projections.TryGetValue(name, out Projection? projection);
            sources.Add(new SafeTensorSource(name, parameter.shape, dtype, Values(projection, parameter)));
        }

        SafeTensorsWriter.Write(Path.Combine(folder, "model.safetensors"), sources);
        (model.Config with { Dtype = Name(dtype) }).Save(folder);
    }

    /// <summary>
    /// Gives the values part by part while the file is written. A tensor that is not float32 on the CPU already is brought there for
    /// as long as its parts are asked for, so no more than one converted tensor exists.
    /// </summary>
    private static CopyFloats Values(Projection? projection, Parameter parameter)
    {
        Tensor? ready = null;
        return (start, destination) =>
        {
            using (DisposeScope scope = NewDisposeScope())
                ready ??= (projection?.MergedWeight() ?? parameter).to(ScalarType.Float32, CPU).contiguous().DetachFromDisposeScope();
            Copy(ready, start, destination);
            if (start + destination.Length < ready.NumberOfElements)
                return;
            if (!ReferenceEquals(ready, parameter))
                ready.Dispose();
            ready = null;
        };
    }

    /// <summary>Through a view of the elements wanted, since one span cannot hold a tensor of more than 2 GiB.</summary>
    private static void Copy(Tensor tensor, long start, Span<float> destination)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameters.Values(tensor.view(-1).narrow(0, start, destination.Length)).CopyTo(destination);
    }

    private static string Name(SafeTensorsDType dtype) => dtype switch
    {
        SafeTensorsDType.F32 => "float32",
        SafeTensorsDType.BF16 => "bfloat16",
        SafeTensorsDType.F16 => "float16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Weights are written as F32, BF16 or F16."),
    };
}
