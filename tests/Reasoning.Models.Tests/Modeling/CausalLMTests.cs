using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

public sealed class CausalLMTests
{
    public static TheoryData<string> Families => new(Shapes.Families);

    [Fact]
    public void Parameter_names_are_those_of_the_checkpoint()
    {
        using CausalLM model = Shapes.Model("qwen3", tied: false);
        HashSet<string> names = [.. model.named_parameters().Select(p => p.name)];
        string[] layer =
        [
            "input_layernorm.weight", "self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight",
            "self_attn.o_proj.weight", "self_attn.q_norm.weight", "self_attn.k_norm.weight", "post_attention_layernorm.weight",
            "mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight",
        ];
        string[] expected = ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
            .. layer.Select(name => "model.layers.0." + name), .. layer.Select(name => "model.layers.1." + name)];
        Assert.Equal(expected.Order(), names.Order());
    }

    [Fact]
    public void Qwen2_has_biases_on_query_key_and_value_only()
    {
        using CausalLM model = Shapes.Model("qwen2");
        IEnumerable<string> biases = model.named_parameters().Select(p => p.name).Where(n => n.EndsWith("bias", StringComparison.Ordinal));
        Assert.Equal(["k_proj", "q_proj", "v_proj"], biases.Select(n => n.Split('.')[^2]).Distinct().Order());
    }

    [Fact]
    public void A_tied_head_is_the_embedding_itself()
    {
        using CausalLM tied = Shapes.Model("llama", tied: true), untied = Shapes.Model("llama", tied: false);
        Assert.Same(tied.EmbedTokens, tied.HeadWeight);
        Assert.DoesNotContain("lm_head.weight", tied.named_parameters().Select(p => p.name));
        Assert.NotSame(untied.EmbedTokens, untied.HeadWeight);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Packing_does_not_change_loss_or_gradients(string family)
    {
        using CausalLM model = Shapes.Model(family);
        int[][] sequences = [Shapes.Ids(17, 1), Shapes.Ids(1, 2), Shapes.Ids(40, 3), Shapes.Ids(8, 4)];
        model.Select(TrainableSet.All);
        (double packedLoss, Dictionary<string, double[]> packed) = LossAndGradients(model, [sequences]);
        (double aloneLoss, Dictionary<string, double[]> alone) = LossAndGradients(model, [.. sequences.Select(s => new[] { s })]);
        int[][][] split = [[sequences[3], sequences[1]], [sequences[2], sequences[0]]];
        (double splitLoss, Dictionary<string, double[]> inTwo) = LossAndGradients(model, split);
        Assert.Equal(packedLoss, aloneLoss, 1e-4);
        Assert.Equal(packedLoss, splitLoss, 1e-4);
        foreach ((string name, double[] gradient) in packed)
        {
            Twins.AssertClose(gradient, alone[name], 2e-5, name);
            Twins.AssertClose(gradient, inTwo[name], 2e-5, name);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_fused_model_is_the_float64_model_up_to_rounding(string family)
    {
        using CausalLM model = Shapes.Model(family);
        int[][] sequences = [Shapes.Ids(33, 1), Shapes.Ids(5, 2)];
        model.Select(TrainableSet.All);
        (double loss, Dictionary<string, double[]> fused) = LossAndGradients(model, [sequences]);
        using (NewDisposeScope()) model.to(ScalarType.Float64);
        model.Select(TrainableSet.All);
        (double exactLoss, Dictionary<string, double[]> exact) = LossAndGradients(model, [sequences]);
        Assert.Equal(exactLoss, loss, 1e-4);
        foreach ((string name, double[] gradient) in exact)
            Twins.AssertClose(gradient, fused[name], 5e-5, name);
    }

    [Fact]
    public void The_future_and_the_neighbours_do_not_matter()
    {
        using CausalLM model = Shapes.Model();
        using DisposeScope scope = NewDisposeScope();
        int[] ids = Shapes.Ids(20, 1), changed = [.. ids[..15], .. Shapes.Ids(5, 9)];
        Tensor one = model.Hidden(new PackedSequences([Shapes.Ids(7, 5), ids]));
        Tensor two = model.Hidden(new PackedSequences([Shapes.Ids(7, 6), changed]));
        Assert.Equal(Twins.Values(one.narrow(0, 7, 15)), Twins.Values(two.narrow(0, 7, 15)));
        Assert.NotEqual(Twins.Values(one.narrow(0, 22, 1)), Twins.Values(two.narrow(0, 22, 1)));
    }

    [Fact]
    public void Ids_outside_the_vocabulary_and_overlong_sequences_are_refused()
    {
        using CausalLM model = Shapes.Model();
        string Message(int[] ids) => Assert.Throws<ArgumentException>(() => model.Hidden(new PackedSequences([ids]))).Message;
        Assert.Contains("50", Message([3, 50]), StringComparison.Ordinal);
        Assert.Contains("257", Message(new int[257]), StringComparison.Ordinal);
    }

    [Fact]
    public void Creation_is_a_function_of_the_seed()
    {
        using CausalLM a = CausalLM.Create(Shapes.Config(), 1), b = CausalLM.Create(Shapes.Config(), 1), c = CausalLM.Create(Shapes.Config(), 2);
        Assert.Equal(Twins.Values(a.EmbedTokens), Twins.Values(b.EmbedTokens));
        Assert.NotEqual(Twins.Values(a.EmbedTokens), Twins.Values(c.EmbedTokens));
        double[] values = Twins.Values(a.EmbedTokens);
        Assert.InRange(Math.Sqrt(values.Average(v => v * v)), 0.018, 0.022);
        Assert.All(Twins.Values(a.FinalNorm.Weight), v => Assert.Equal(1, v));
    }

    [Fact]
    public void Norms_are_the_norm_weights_and_nothing_else_gets_a_gradient()
    {
        using CausalLM model = Shapes.Model("qwen3");
        IReadOnlyList<(string Name, Parameter Parameter)> chosen = model.Select(TrainableSet.Norms);
        Assert.Equal((2 * 4) + 1, chosen.Count);
        Assert.All(chosen, p => Assert.EndsWith("norm.weight", p.Name));
        LossAndGradients(model, [[Shapes.Ids(9, 1)]]);
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in model.named_parameters())
            Assert.Equal(name.EndsWith("norm.weight", StringComparison.Ordinal), parameter.grad is not null);
    }

    [Fact]
    public void The_body_is_all_but_head_and_embedding_also_where_they_are_two()
    {
        using CausalLM model = CausalLM.Create(Shapes.Config() with { TieWordEmbeddings = false }, 1);
        string[] all = [.. model.Select(TrainableSet.All).Select(p => p.Name)], body = [.. model.Select(TrainableSet.Body).Select(p => p.Name)];
        Assert.Equal(["lm_head.weight", "model.embed_tokens.weight"], all.Except(body).Order());
        Assert.False(model.HeadWeight.requires_grad || model.EmbedTokens.requires_grad);
    }

    [Fact]
    public void A_fresh_model_is_frozen()
    {
        using CausalLM model = CausalLM.Create(Shapes.Config(), 1);
        Assert.All(model.parameters(), p => Assert.False(p.requires_grad));
        using DisposeScope scope = NewDisposeScope();
        Assert.False(model.Hidden(new PackedSequences([[1, 2]])).requires_grad);
    }

    /// <summary>Sum over all positions of log-prob plus half the entropy; batches one after the other.</summary>
    internal static (double Loss, Dictionary<string, double[]> Gradients) LossAndGradients(CausalLM model, int[][][] batches)
    {
        foreach (Parameter parameter in model.parameters())
            parameter.grad = null;
        double total = 0;
        foreach (int[][] sequences in batches)
        {
            using DisposeScope scope = NewDisposeScope();
            var batch = new PackedSequences(sequences);
            Tensor targets = tensor(batch.Ids.Select((_, i) => (long)(batch.Positions[i] * 5 % model.Config.VocabSize)).ToArray());
            Tensor loss = OutputHead.Backward([model.Hidden(batch)], model.HeadWeight, rows =>
            {
                Tensor logProbs = rows.LogProbs();
                return LogitRows.Pick(logProbs, rows.Of(targets)).Plus(LogitRows.Entropy(logProbs).Times(0.5)).sum();
            }, 0.9, chunk: 7);
            total += loss.to(ScalarType.Float64).item<double>();
        }

        using DisposeScope outer = NewDisposeScope();
        return (total, model.named_parameters()
            .Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => Twins.Values(p.parameter.grad!)));
    }
}
