using System.Text.Json;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

/// <summary>Adapters that begin as singular vectors: PiSSA and SORSA.</summary>
public sealed class SingularAdapterTests
{
    private const int Rank = 3;
    private static readonly string[] s_targets = ["q_proj", "down_proj"];

    public static TheoryData<string> Kinds => ["pissa", "sorsa"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_begins_as_the_largest_singular_part_of_the_weight_and_changes_nothing_to_the_bit(string kind)
    {
        using CausalLM model = Shapes.Model();
        double[] plain = Hidden(model);
        Add(model, kind);
        Assert.Equal(plain, Hidden(model));
        model.Compute = ScalarType.BFloat16;
        double[] narrow = Hidden(model);
        using (model.WithoutAdapters()) Assert.Equal(narrow, Hidden(model));

        using DisposeScope scope = NewDisposeScope();
        Projection projection = model.Layers[1].FeedForward.Down;
        Tensor w = Double(projection.Weight), a = Double(projection.LoraA!), b = Double(projection.LoraB!); // [24, 40], [3, 40], [24, 3]
        Tensor s = projection.LoraS is { } values ? Double(values) : ones(Rank, ScalarType.Float64);
        Tensor residual = w - (b * s).mm(a), inner = a.mm(a.t()), outer = b.t().mm(b);
        Tensor sigma = kind == "sorsa" ? s : inner.diagonal();
        // What is left has nothing in those directions, and none in which it is larger.
        Assert.InRange(b.t().mm(residual).abs().max().item<double>(), 0, 1e-5);
        Assert.InRange(residual.mm(a.t()).abs().max().item<double>(), 0, 1e-5);
        Assert.InRange(Largest(residual), 0, sigma[Rank - 1].item<double>());
        Assert.Equal(Largest(w), sigma[0].item<double>(), 1e-5);
        Tensor expected = kind == "sorsa" ? eye(Rank, dtype: ScalarType.Float64) : sigma.diag();
        Assert.InRange((inner - expected).abs().max().item<double>(), 0, 1e-5);
        Assert.InRange((outer - expected).abs().max().item<double>(), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Once_learnt_it_is_the_merged_model_and_without_it_the_base_to_the_bit(string kind)
    {
        using CausalLM model = Shapes.Model();
        double[] plain = Hidden(model), weight = Twins.Values(model.Layers[0].Attention.Query.Weight);
        Learnt(model, kind);
        double[] adapted = Hidden(model);
        Assert.NotEqual(plain, adapted);
        Assert.Equal(weight, Twins.Values(model.Layers[0].Attention.Query.Weight));
        using (model.WithoutAdapters()) Assert.Equal(plain, Hidden(model));
        Assert.Equal(adapted, Hidden(model));

        using (DisposeScope scope = NewDisposeScope())
        {
            Projection query = model.Layers[0].Attention.Query;
            Dictionary<string, Tensor> start = model.AdapterStarts().ToDictionary(pair => pair.Name, pair => Double(pair.Values));
            const string Name = "model.layers.0.self_attn.q_proj";
            Tensor s = query.LoraS is { } own ? Double(own) : ones(Rank, ScalarType.Float64);
            Tensor s0 = kind == "sorsa" ? start[$"{Name}.start_S"] : ones(Rank, ScalarType.Float64);
            Tensor expected = Double(query.Weight).Plus((Double(query.LoraB!) * s).mm(Double(query.LoraA!)))
                - (start[$"{Name}.start_B"] * s0).mm(start[$"{Name}.start_A"]);
            Twins.AssertClose(Twins.Values(expected), Twins.Values(query.MergedWeight()), 1e-5, "merged weight");
        }

        model.MergeLora();
        Twins.AssertClose(adapted, Hidden(model), 1e-5, "hidden states after the merge");
        Assert.DoesNotContain(model.named_parameters(), p => p.name.Contains("lora", StringComparison.Ordinal));
        Assert.Empty(model.AdapterStarts());
    }

    [Fact]
    public void Lora_can_be_left_out_as_well()
    {
        using CausalLM model = Shapes.Model();
        double[] plain = Hidden(model);
        model.AddLora(Rank, 6, s_targets, seed: 1);
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora)) Parameters.FillGaussian(parameter, 0.2, 5, name);
        Assert.NotEqual(plain, Hidden(model));
        using (model.WithoutAdapters()) Assert.Equal(plain, Hidden(model));
        Assert.Empty(model.AdapterStarts());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_adapters_get_gradients_and_they_are_those_of_the_formula(string kind)
    {
        using CausalLM model = Shapes.Model("qwen2");
        Learnt(model, kind);
        (_, Dictionary<string, double[]> found) = CausalLMTests.LossAndGradients(model, [[Shapes.Ids(12, 1)]]);
        Assert.Equal((kind == "sorsa" ? 3 : 2) * 2 * 2, found.Count);

        const string Name = "model.layers.1.self_attn.q_proj"; // [32, 24]
        using DisposeScope scope = NewDisposeScope();
        Projection query = model.Layers[1].Attention.Query;
        Tensor a = Double(query.LoraA!), b = Double(query.LoraB!), s = query.LoraS is { } own ? Double(own) : ones(Rank, ScalarType.Float64);
        model.MergeLora();
        model.Select(TrainableSet.All);
        (_, Dictionary<string, double[]> full) = CausalLMTests.LossAndGradients(model, [[Shapes.Ids(12, 1)]]);
        Tensor dw = tensor(full[Name + ".weight"]).view(32, 24);
        Twins.AssertClose(Twins.Values((b * s).t().mm(dw)), found[Name + ".lora_A"], 1e-4, "gradient of A");
        Twins.AssertClose(Twins.Values(dw.mm(a.t()) * s), found[Name + ".lora_B"], 1e-4, "gradient of B");
        if (kind == "sorsa") Twins.AssertClose(Twins.Values((b.t().mm(dw) * a).sum(1)), found[Name + ".lora_S"], 1e-4, "gradient of S");
    }

    /// <summary>As PEFT reads it: W + (lora_alpha / r) B A for every adapted weight of the base.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_file_is_a_plain_adapter_of_twice_the_rank_on_the_base(string kind)
    {
        using TemporaryFolder merged = new(), adapter = new();
        using CausalLM model = Shapes.Model();
        Dictionary<string, double[]> start = model.named_parameters().ToDictionary(p => p.name, p => Twins.Values(p.parameter));
        Learnt(model, kind);
        model.Save(merged.Path);
        PeftAdapter.Save(model, adapter.Path, "base");

        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(adapter.File("adapter_config.json")));
        int rank = config.RootElement.GetProperty("r").GetInt32();
        double scale = config.RootElement.GetProperty("lora_alpha").GetDouble() / rank;
        Assert.Equal(2 * Rank, rank);
        using CausalLM loaded = CausalLM.Load(merged.Path);
        using SafeTensorsReader file = SafeTensorsReader.Open(adapter.File("adapter_model.safetensors"));
        using DisposeScope scope = NewDisposeScope();
        int adapted = 0;
        foreach ((string name, Parameter weight) in loaded.named_parameters().Where(p => s_targets.Any(target => p.name.EndsWith($"{target}.weight", StringComparison.Ordinal))))
        {
            Tensor a = empty(rank, weight.shape[1]), b = empty(weight.shape[0], rank);
            string stem = $"base_model.model.{name[..^".weight".Length]}";
            TensorFiles.Fill(a, file, $"{stem}.lora_A.weight");
            TensorFiles.Fill(b, file, $"{stem}.lora_B.weight");
            Tensor expected = tensor(start[name]).view(weight.shape).Plus(Double(b).mm(Double(a)).Times(scale));
            Twins.AssertClose(Twins.Values(expected), Twins.Values(weight), 1e-5, name);
            Assert.NotEqual(start[name], Twins.Values(weight));
            adapted++;
        }

        Assert.Equal(4, adapted);
        Assert.Equal(8, file.Entries.Count);
    }

    [Fact]
    public void A_rank_beyond_the_singular_values_is_refused()
    {
        using CausalLM model = Shapes.Model();
        Assert.Contains("self_attn.q_proj has only 24 singular values", Assert.Throws<UserErrorException>(() => model.AddPissa(25, ["q_proj"])).Message);
        Assert.Throws<UserErrorException>(() => model.AddSorsa(0, s_targets));
        Assert.Throws<UserErrorException>(() => model.AddSorsa(2, ["w_proj"]));
    }

    private static void Add(CausalLM model, string kind)
    {
        if (kind == "pissa") model.AddPissa(Rank, s_targets);
        else model.AddSorsa(Rank, s_targets);
    }

    /// <summary>Adapters that have moved.</summary>
    private static void Learnt(CausalLM model, string kind)
    {
        Add(model, kind);
        using IDisposable guard = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
        {
            using Parameter noise = Parameters.Empty(parameter.shape);
            Parameters.FillGaussian(noise, 0.2, 5, name);
            parameter.AddInPlace(noise).DetachFromDisposeScope();
        }
    }

    /// <summary>The largest singular value, by power iteration.</summary>
    private static double Largest(Tensor matrix)
    {
        Tensor v = ones(matrix.shape[1], 1, ScalarType.Float64);
        for (int i = 0; i < 3000; i++)
        {
            v = matrix.t().mm(matrix.mm(v));
            v = v / v.norm();
        }

        return matrix.mm(v).norm().item<double>();
    }

    private static Tensor Double(Tensor values) => values.detach().to(ScalarType.Float64);

    private static double[] Hidden(CausalLM model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        return Twins.Values(model.Hidden(new PackedSequences([Shapes.Ids(15, 1), Shapes.Ids(4, 2)])));
    }
}
