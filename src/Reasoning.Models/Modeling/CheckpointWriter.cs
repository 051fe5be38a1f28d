using System.Text.Json;
using Reasoning.Models.SafeTensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Writes a model as a Hugging Face checkpoint: config.json with the type of the weights, and the weights as one safetensors file, or as
/// several with an index where one would be too long.
/// </summary>
internal static class CheckpointWriter
{
    /// <summary>Bytes of tensors in one file, the limit that transformers keeps to.</summary>
    internal const long DefaultShardBytes = 5_000_000_000;

    internal static void Write(CausalLM model, string folder, SafeTensorsDType dtype, long shardBytes = DefaultShardBytes)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Dictionary<string, Projection> projections = model.Projections().ToDictionary(p => p.Name + ".weight", p => p.Projection);
        var shards = new List<List<SafeTensorSource>> { new() };
        long size = 0;
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (Projection.IsAdapter(name))
                continue;
            projections.TryGetValue(name, out Projection? projection);
            var source = new SafeTensorSource(name, parameter.shape, dtype, Values(projection, parameter));
            if (size > 0 && size + source.ByteLength > shardBytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(source);
            size += source.ByteLength;
        }

        for (int i = 0; i < shards.Count; i++)
            SafeTensorsWriter.Write(Path.Combine(folder, CheckpointFiles.ShardName(i, shards.Count)), shards[i], cancel: model.Cancellation);
        if (shards.Count > 1)
            WriteIndex(Path.Combine(folder, CheckpointFiles.IndexName), shards);
        (model.Config with { Dtype = Name(dtype) }).Save(folder);
    }

    /// <summary>The values of a parameter for a file, with the adapter of its projection folded in.</summary>
    /// <remarks>They are given part by part while the file is written; no more than one merged weight exists.</remarks>
    internal static CopyFloats Values(Projection? projection, Tensor parameter)
    {
        Tensor? merged = null;
        return (start, destination) =>
        {
            if (projection?.LoraA is not null)
            {
                using DisposeScope scope = NewDisposeScope();
                merged ??= projection.MergedWeight().DetachFromDisposeScope();
            }

            TensorFiles.Copy(merged ?? parameter, start, destination);
            if (start + destination.Length < parameter.NumberOfElements)
                return;
            merged?.Dispose();
            merged = null;
        };
    }

    /// <summary>The type as config.json spells it.</summary>
    internal static string Name(SafeTensorsDType dtype) => dtype switch
    {
        SafeTensorsDType.F32 => "float32",
        SafeTensorsDType.BF16 => "bfloat16",
        SafeTensorsDType.F16 => "float16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Weights are written as F32, BF16 or F16."),
    };

    private static void WriteIndex(string file, List<List<SafeTensorSource>> shards)
    {
        IEnumerable<(string Tensor, string File)> places = shards.SelectMany((tensors, i) =>
            tensors.Select(tensor => (tensor.Name, CheckpointFiles.ShardName(i, shards.Count))));
        using FileStream stream = File.Create(file);
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteNumber("total_parameters", shards.Sum(tensors => tensors.Sum(tensor => tensor.Count)));
            writer.WriteNumber("total_size", shards.Sum(tensors => tensors.Sum(tensor => tensor.ByteLength)));
            writer.WriteEndObject();
            writer.WriteStartObject("weight_map");
            foreach ((string tensor, string shard) in places.OrderBy(place => place.Tensor, StringComparer.Ordinal))
                writer.WriteString(tensor, shard);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
