using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Models whose files are well formed and cannot be used: numbers beyond float32, sizes beyond the machine.</summary>
public sealed class HostileModelTests
{
    [Theory]
    [InlineData("sample", "--prompt", "Take 1", "--max-new-tokens", "8")]
    [InlineData("sample", "--prompt", "Take 1", "--max-new-tokens", "8", "--temperature", "0", "--json")]
    [InlineData("sample", "--prompt", "Take 1", "--max-new-tokens", "8", "--em-steps", "2")]
    [InlineData("score", "--text", "Take 1", "--json")]
    [InlineData("score", "--text", "Take 1")]
    [InlineData("eval", "--samples", "1", "--max-new-tokens", "8", "--prompts", "PROMPTS")]
    [InlineData("train", "--recipe", "ttrl", "--steps", "1", "--set", "max-new-tokens=8", "--prompts", "PROMPTS", "--out", "RUN")]
    [InlineData("train", "--recipe", "tent", "--steps", "1", "--set", "max-new-tokens=8", "--prompts", "PROMPTS", "--out", "RUN")]
    public void Logits_that_are_not_numbers_end_in_one_line(params string[] args)
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder), file = Path.Combine(copy, "model.safetensors");
        var tensors = new List<SafeTensorSource>();
        using (SafeTensorsReader reader = SafeTensorsReader.Open(file))
        {
            foreach (SafeTensorEntry entry in reader.Entries.Values)
            {
                float[] values = new float[entry.Count];
                reader.Read(entry.Name, values);
                if (entry.Name == "model.norm.weight") Array.Fill(values, 3e38f); // finite, and the product with the head is not
                tensors.Add(new SafeTensorSource(entry.Name, entry.Shape, SafeTensorsDType.F32, values));
            }
        }

        SafeTensorsWriter.Write(file, tensors);
        string[] all = [.. args.Select(arg => arg switch { "PROMPTS" => TinyModel.Prompts(folder), "RUN" => folder.File("run"), _ => arg })];
        Assert.Contains("not finite", Cli.Run([.. all, "--model", copy]).BadInput());
    }

    [Theory]
    [InlineData("hidden_size", 1 << 20)]
    [InlineData("intermediate_size", 1 << 22)]
    [InlineData("num_hidden_layers", 10_000)]
    [InlineData("num_attention_heads", 1 << 20)]
    [InlineData("head_dim", 1 << 20)]
    [InlineData("vocab_size", 1 << 24)]
    [InlineData("max_position_embeddings", int.MaxValue)]
    [InlineData("max_position_embeddings", -1)]
    [InlineData("hidden_size", 0)]
    [InlineData("hidden_size", int.MaxValue)]
    public void Sizes_that_the_weights_do_not_have_are_refused_before_anything_is_made(string field, int value)
    {
        using var folder = new TempFolder();
        string copy = Changed(folder, field, value);
        long before = GC.GetTotalAllocatedBytes();
        string error = Cli.Run("score", "--model", copy, "--text", "x").BadInput();
        Assert.Contains("config.json", error);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_context_of_two_to_the_28_costs_nothing_until_it_is_used()
    {
        using var folder = new TempFolder();
        string copy = Changed(folder, "max_position_embeddings", 1 << 28);
        string[] sample = ["sample", "--model", copy, "--prompt", "Take 1", "-n", "64", "--max-new-tokens"];
        long before = GC.GetTotalAllocatedBytes();
        Cli run = Cli.Run([.. sample, "8"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("GiB of memory: lower max-new-tokens", Cli.Run([.. sample, $"{1 << 28}"]).BadInput());
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_with_what_it_would_take()
    {
        using var folder = new TempFolder();
        string copy = Changed(folder, "vocab_size", 1 << 22, "hidden_size", 1 << 16);
        ModelConfig config = ModelConfig.Load(copy);
        var header = new JsonObject();
        long end = 0;
        foreach (ModelTensor tensor in ModelTensor.Of(config))
        {
            long start = end;
            end += tensor.Shape.Aggregate(4L, (product, size) => product * size);
            header[tensor.Name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(start, end),
            };
        }

        byte[] text = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        using (FileStream file = File.Create(Path.Combine(copy, "model.safetensors")))
        {
            file.Write(BitConverter.GetBytes((long)text.Length));
            file.Write(text);
            file.SetLength(8 + text.Length + end); // takes no room on the disk
        }

        Assert.Matches(@"GiB as float32; this process has \d", Cli.Run("score", "--model", copy, "--text", "x").BadInput());
    }

    private static string Changed(TempFolder folder, params object[] fields)
    {
        string copy = folder.Copy(TinyModel.Folder), file = Path.Combine(copy, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        for (int i = 0; i < fields.Length; i += 2) config[(string)fields[i]] = (int)fields[i + 1];
        File.WriteAllText(file, config.ToJsonString());
        return copy;
    }
}
