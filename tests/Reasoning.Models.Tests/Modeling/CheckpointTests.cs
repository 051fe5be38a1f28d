using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Kernels;
using TorchSharp.Modules;

namespace Reasoning.Models.Tests.Modeling;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reasoning-checkpoint-").FullName;

    public static TheoryData<string> Families => new(Shapes.Families);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Families))]
    public void What_is_saved_is_loaded(string family)
    {
        using CausalLM model = Shapes.Model(family);
        model.Save(_folder);
        using CausalLM loaded = CausalLM.Load(_folder);
        Dictionary<string, Parameter> parameters = loaded.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(model.named_parameters().Count(), parameters.Count);
        foreach ((string name, Parameter parameter) in model.named_parameters())
            Assert.Equal(Twins.Values(parameter), Twins.Values(parameters[name]));
        Assert.Equal(model.Config.ToJson(), loaded.Config.ToJson());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_list_of_tensors_is_that_of_the_model(string family)
    {
        foreach (bool tied in (bool[])[true, false])
        {
            using CausalLM model = Shapes.Model(family, tied);
            Dictionary<string, long[]> listed = ModelTensor.Of(model.Config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Assert.Equal(model.named_parameters().Select(p => p.name).Order(), listed.Keys.Order());
            foreach ((string name, Parameter parameter) in model.named_parameters())
                Assert.Equal(parameter.shape, listed[name]);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Shards_are_loaded_bit_for_bit(string family)
    {
        using CausalLM model = Shapes.Model(family);
        model.Save(_folder, shardBytes: 4000);
        Assert.False(File.Exists(Path.Combine(_folder, "model.safetensors")));
        Assert.True(Directory.GetFiles(_folder, "model-00*-of-00*.safetensors").Length > 3);
        using CausalLM loaded = CausalLM.Load(_folder);
        foreach (((string name, Parameter parameter), (_, Parameter copy)) in model.named_parameters().Zip(loaded.named_parameters()))
            Assert.True(Parameters.Values(parameter).SequenceEqual(Parameters.Values(copy)), name);
    }

    [Fact]
    public void A_config_that_asks_for_more_than_the_files_have_allocates_nothing()
    {
        using CausalLM model = Shapes.Model();
        model.Save(_folder);
        (model.Config with { VocabSize = 1 << 24, HiddenSize = 1 << 20, Layers = 1000, HeadDim = 8 }).Save(_folder);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains("'model.layers.2.", Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message, StringComparison.Ordinal);
        (model.Config with { VocabSize = 1 << 24 }).Save(_folder);
        Assert.Contains("has shape [50, 24]", Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_checkpoint_cut_anywhere_is_refused()
    {
        using CausalLM model = CausalLM.Create(Shapes.Config() with { VocabSize = 5, HiddenSize = 4, IntermediateSize = 4, Layers = 1 }, 1);
        model.Save(_folder);
        string file = Path.Combine(_folder, "model.safetensors");
        byte[] whole = File.ReadAllBytes(file);
        for (int length = 0; length < whole.Length; length += length < 64 || length > whole.Length - 64 ? 1 : 37)
        {
            File.WriteAllBytes(file, whole[..length]);
            string message = Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message;
            Assert.Contains("model.safetensors", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void Half_precision_files_load_as_the_rounded_values()
    {
        using CausalLM model = Shapes.Model();
        model.Save(_folder, SafeTensorsDType.BF16);
        using CausalLM loaded = CausalLM.Load(_folder);
        Assert.Equal("bfloat16", loaded.Config.Dtype);
        Twins.AssertClose(Twins.Values(model.EmbedTokens), Twins.Values(loaded.EmbedTokens), 1.0 / 256, "embedding");
        Assert.NotEqual(Twins.Values(model.EmbedTokens), Twins.Values(loaded.EmbedTokens));
    }

    [Fact]
    public void Adapters_are_folded_into_the_file_and_kept_in_the_model()
    {
        using CausalLM model = Shapes.Model();
        model.AddLora(2, 4, ["o_proj", "down_proj"], 3);
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
            Parameters.FillGaussian(parameter, 0.2, 5, name);
        model.Save(_folder);
        using CausalLM loaded = CausalLM.Load(_folder);
        Assert.NotNull(model.Layers[0].Attention.Output.LoraA);
        model.MergeLora();
        Assert.Equal(Twins.Values(model.Layers[0].Attention.Output.Weight), Twins.Values(loaded.Layers[0].Attention.Output.Weight));
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_named()
    {
        using CausalLM model = Shapes.Model(tied: false);
        List<SafeTensorSource> all = [.. Sources(model)];
        Refused(all.Where(t => t.Name != "model.norm.weight"), "lack 'model.norm.weight'");
        Refused(all.Append(new SafeTensorSource("model.extra", [1], SafeTensorsDType.F32, new float[1])), "'model.extra'");
        Refused(Replace("model.norm.weight", [25], new float[25]), "'model.norm.weight' has shape [25], config.json asks for [24]");
        float[] broken = new float[24];
        broken[5] = float.NaN;
        Refused(Replace("model.norm.weight", [24], broken), "'model.norm.weight' has the value NaN at element 5");
        broken[5] = float.PositiveInfinity;
        Refused(Replace("model.norm.weight", [24], broken), "element 5");

        IEnumerable<SafeTensorSource> Replace(string name, long[] shape, float[] values) =>
            all.Where(t => t.Name != name).Append(new SafeTensorSource(name, shape, SafeTensorsDType.F32, values));

        void Refused(IEnumerable<SafeTensorSource> tensors, string message)
        {
            model.Config.Save(_folder);
            SafeTensorsWriter.Write(Path.Combine(_folder, "model.safetensors"), tensors);
            UserErrorException error = Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.StartsWith(_folder, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_spelled_out_tied_head_must_equal_the_embedding()
    {
        using CausalLM model = Shapes.Model(tied: true);
        float[] head = [.. Parameters.Values(model.EmbedTokens)];
        Write(head);
        CausalLM.Load(_folder).Dispose();
        head[3] += 1;
        Write(head);
        Assert.Contains("tie_word_embeddings", Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message, StringComparison.Ordinal);

        void Write(float[] values)
        {
            model.Config.Save(_folder);
            SafeTensorsWriter.Write(
                Path.Combine(_folder, "model.safetensors"),
                Sources(model).Append(new SafeTensorSource("lm_head.weight", [50, 24], SafeTensorsDType.F32, values)));
        }
    }

    [Theory]
    [InlineData("_orig_mod.", "'_orig_mod.' was taken off")]
    [InlineData("module.", "'module.' was taken off")]
    [InlineData("module._orig_mod.", "'module._orig_mod.' was taken off")]
    [InlineData("base_model.model.", "'base_model.model.' was taken off")]
    public void A_prefix_of_all_names_is_taken_off(string prefix, string said)
    {
        using CausalLM model = Shapes.Model(tied: false);
        bool isAdapted = prefix.StartsWith("base", StringComparison.Ordinal);
        AssertLoads(model, said, name => prefix + (isAdapted ? name.Replace("q_proj.weight", "q_proj.base_layer.weight", StringComparison.Ordinal) : name));
    }

    [Theory]
    [InlineData("model.language_model.", "'model.language_model.' at the start")]
    [InlineData("", "'model.' was put before")]
    public void Another_name_of_the_inner_model_is_read_as_the_usual_one(string inner, string said)
    {
        using CausalLM model = Shapes.Model(tied: false);
        AssertLoads(model, said, name => name == ModelTensor.HeadName ? name : inner + name["model.".Length..]);
    }

    [Fact]
    public void A_prefix_of_some_names_is_named()
    {
        using CausalLM model = Shapes.Model(tied: false);
        int number = 0;
        Rename(model, name => number++ % 2 == 0 ? "_orig_mod." + name : name);
        string message = Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message;
        Assert.Contains($"{(number + 1) / 2} of {number} names begin with '_orig_mod.'", message, StringComparison.Ordinal);
        Rename(model, name => "base_model.model." + name, new SafeTensorSource(
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight", [1], SafeTensorsDType.F32, new float[1]));
        Assert.Contains("adapters of PEFT; merge them", Assert.Throws<UserErrorException>(() => CausalLM.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_adapters_alone_is_called_what_it_is()
    {
        using CausalLM model = Shapes.Model();
        model.AddLora(2, 4, ["q_proj"], 3);
        string folder = Path.Combine(_folder, "adapter");
        PeftAdapter.Save(model, folder, "some/base");
        Assert.Contains("is an adapter of PEFT for some/base, not a model; merge it", Assert.Throws<UserErrorException>(() => CausalLM.Load(folder)).Message);
    }

    private void AssertLoads(CausalLM model, string said, Func<string, string> rename)
    {
        Rename(model, rename);
        using CausalLM loaded = CausalLM.Load(_folder);
        Assert.StartsWith(said, loaded.Renamed, StringComparison.Ordinal);
        foreach (((_, Parameter parameter), (_, Parameter copy)) in model.named_parameters().Zip(loaded.named_parameters()))
            Assert.Equal(Twins.Values(parameter), Twins.Values(copy));
        loaded.Save(_folder);
        using CausalLM again = CausalLM.Load(_folder);
        Assert.Null(again.Renamed);
    }

    private void Rename(CausalLM model, Func<string, string> rename, params SafeTensorSource[] more)
    {
        model.Config.Save(_folder);
        SafeTensorsWriter.Write(Path.Combine(_folder, "model.safetensors"), model.named_parameters().Select(p =>
            new SafeTensorSource(rename(p.name), p.parameter.shape, SafeTensorsDType.F32, Parameters.Values(p.parameter).ToArray())).Concat(more));
    }

    private static IEnumerable<SafeTensorSource> Sources(CausalLM model) => model.named_parameters().Select(p =>
        new SafeTensorSource(p.name, p.parameter.shape, SafeTensorsDType.F32, Parameters.Values(p.parameter).ToArray()));
}
