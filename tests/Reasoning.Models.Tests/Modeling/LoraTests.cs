using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

public sealed class LoraTests
{
    private static readonly string[] s_targets = ["q_proj", "v_proj"];

    [Fact]
    public void A_new_adapter_changes_nothing_and_merging_a_trained_one_changes_nothing()
    {
        using CausalLM model = Shapes.Model();
        double[] plain = Hidden(model);
        model.AddLora(3, 6, s_targets, seed: 1);
        Assert.Equal(plain, Hidden(model));

        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
            Parameters.FillGaussian(parameter, 0.2, 5, name);
        double[] adapted = Hidden(model);
        Assert.NotEqual(plain, adapted);
        model.MergeLora();
        Twins.AssertClose(adapted, Hidden(model), 1e-5, "hidden states after the merge");
        Assert.DoesNotContain(model.named_parameters(), p => p.name.Contains("lora", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_adapters_get_gradients_and_they_are_those_of_the_formula()
    {
        using CausalLM model = Shapes.Model("qwen2");
        model.AddLora(2, 4, s_targets, seed: 1);
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
            Parameters.FillGaussian(parameter, 0.2, 5, name);
        (_, Dictionary<string, double[]> adapters) = CausalLMTests.LossAndGradients(model, [[Shapes.Ids(12, 1)]]);
        Assert.Equal(2 * 2 * 2, adapters.Count);
        Assert.All(adapters.Keys, name => Assert.Contains(".lora_", name, StringComparison.Ordinal));

        // dB = s dW Aᵀ, with dW the gradient of the merged weight.
        const string Name = "model.layers.1.self_attn.q_proj";
        double[] a = Twins.Values(model.Layers[1].Attention.Query.LoraA!);
        model.MergeLora();
        model.Select(TrainableSet.All);
        (_, Dictionary<string, double[]> full) = CausalLMTests.LossAndGradients(model, [[Shapes.Ids(12, 1)]]);
        double[] dw = full[Name + ".weight"];
        var expected = new double[32 * 2];
        for (int i = 0; i < 32; i++)
        {
            for (int r = 0; r < 2; r++)
                expected[(i * 2) + r] = 2 * Enumerable.Range(0, 24).Sum(j => dw[(i * 24) + j] * a[(r * 24) + j]);
        }

        Twins.AssertClose(expected, adapters[Name + ".lora_B"], 1e-4, "gradient of B");
    }

    [Fact]
    public void Initial_values_are_keyed_and_bounded()
    {
        using CausalLM one = Shapes.Model(), two = Shapes.Model(), other = Shapes.Model();
        one.AddLora(4, 8, s_targets, 1);
        two.AddLora(4, 8, s_targets, 1);
        other.AddLora(4, 8, s_targets, 2);
        double[] a = Twins.Values(one.Layers[0].Attention.Query.LoraA!);
        Assert.Equal(a, Twins.Values(two.Layers[0].Attention.Query.LoraA!));
        Assert.NotEqual(a, Twins.Values(other.Layers[0].Attention.Query.LoraA!));
        Assert.All(a, v => Assert.InRange(Math.Abs(v), 0, 1 / Math.Sqrt(24)));
        Assert.All(Twins.Values(one.Layers[0].Attention.Query.LoraB!), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Unknown_targets_bad_ranks_and_missing_adapters_are_refused()
    {
        using CausalLM model = Shapes.Model();
        Assert.Contains("w_proj", Assert.Throws<UserErrorException>(() => model.AddLora(2, 2, ["w_proj"], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<UserErrorException>(() => model.AddLora(0, 2, s_targets, 1));
        Assert.Throws<UserErrorException>(() => model.Select(TrainableSet.Lora));
    }

    private static double[] Hidden(CausalLM model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        return Twins.Values(model.Hidden(new PackedSequences([Shapes.Ids(15, 1), Shapes.Ids(4, 2)])));
    }
}
