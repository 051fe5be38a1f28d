using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Modeling;
using TorchSharp.Modules;

namespace Reasoning.Models.Tests.Oracle;

/// <summary>What we save, read by a script that shares nothing with our reader: the same tensors, hash by hash.</summary>
public sealed class SavedFolderOracleTests
{
    private const string Script = "safetensors.mjs";

    public static TheoryData<string, SafeTensorsDType, long> Cases => new()
    {
        { "llama", SafeTensorsDType.F32, long.MaxValue },
        { "qwen2", SafeTensorsDType.BF16, 6000 },
        { "gemma3_text", SafeTensorsDType.F16, 3000 },
        { "mistral", SafeTensorsDType.F32, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Another_reader_sees_the_tensors_that_were_saved(string family, SafeTensorsDType dtype, long shardBytes)
    {
        NodeOracle.Require();
        using var folder = new TemporaryFolder();
        using CausalLM model = Shapes.Model(family);
        model.Save(folder.Path, dtype, shardBytes);
        Assert.Equal(shardBytes < long.MaxValue, File.Exists(folder.File("model.safetensors.index.json")));

        using JsonDocument seen = JsonDocument.Parse(NodeOracle.Run(Script, [folder.Path]));
        using CausalLM loaded = CausalLM.Load(folder.Path);
        Assert.Equal([dtype], loaded.StoredTypes);
        Assert.Equal(model.named_parameters().Count(), seen.RootElement.EnumerateObject().Count());
        foreach ((string name, Parameter parameter) in loaded.named_parameters())
        {
            JsonElement tensor = seen.RootElement.GetProperty(name);
            Assert.Equal(dtype.ToString(), tensor.GetProperty("dtype").GetString());
            Assert.Equal(parameter.shape, tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            Assert.Equal(Hash(parameter), tensor.GetProperty("values").GetString());
        }

        if (dtype != SafeTensorsDType.F32) return;
        foreach ((string name, Parameter parameter) in model.named_parameters())
            Assert.Equal(Hash(parameter), seen.RootElement.GetProperty(name).GetProperty("raw").GetString());
    }

    [Fact]
    public void A_saved_adapter_on_the_base_is_the_merged_model()
    {
        NodeOracle.Require();
        using TemporaryFolder start = new(), merged = new(), adapter = new();
        using CausalLM model = Shapes.Model("qwen2");
        model.Save(start.Path);
        model.AddLora(3, 5, ["q_proj", "down_proj"], 3);
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
            Parameters.FillGaussian(parameter, 0.2, 5, name);
        model.Save(merged.Path);
        PeftAdapter.Save(model, adapter.Path, "base");
        Assert.True(CheckpointFolder.IsComplete(adapter.Path));

        using JsonDocument seen = JsonDocument.Parse(NodeOracle.Run(Script, [start.Path, adapter.Path, merged.Path]));
        Assert.Equal(4, seen.RootElement.GetProperty("adapted").GetInt32());
        Assert.InRange(seen.RootElement.GetProperty("worst").GetDouble(), 0, 1e-6);
    }

    private static string Hash(Parameter parameter) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Parameters.Values(parameter))));
}
