using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

[Collection(MeasuresMemory.Name)]
public sealed class GradientCheckpointTests
{
    private static readonly string[] s_targets = ["q_proj", "v_proj", "down_proj"];

    public static TheoryData<string, string> Learning =>
        new(from family in Shapes.Families from learns in (string[])["all", "norms", "body", "lora", "pissa", "sorsa"] select (family, learns));

    public static TheoryData<string> Families => [.. Shapes.Families];

    [Theory]
    [MemberData(nameof(Learning))]
    public void Loss_and_gradients_are_the_same_to_the_bit(string family, string learns)
    {
        using CausalLM model = Shapes.Model(family);
        if (learns == "lora") model.AddLora(3, 6, s_targets, seed: 1);
        if (learns == "pissa") model.AddPissa(3, s_targets);
        if (learns == "sorsa") model.AddSorsa(3, s_targets);
        IReadOnlyList<(string Name, Parameter Parameter)> chosen = model.Select(learns switch
        {
            "all" => TrainableSet.All,
            "norms" => TrainableSet.Norms,
            "body" => TrainableSet.Body,
            _ => TrainableSet.Lora,
        });
        if (learns == "lora")
        {
            foreach ((string name, Parameter parameter) in chosen) Parameters.FillGaussian(parameter, 0.2, 5, name);
        }

        AssertSame(model, chosen);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void So_they_are_where_products_are_bfloat16_and_where_all_is(string family)
    {
        using CausalLM model = Shapes.Model(family);
        model.Compute = ScalarType.BFloat16;
        AssertSame(model, model.Select(TrainableSet.All));
        model.Compute = null;
        Parameter[] wide = [.. model.parameters()];
        foreach (Parameter parameter in wide) parameter.grad = null;
        model.to(ScalarType.BFloat16);
        foreach (Parameter replaced in wide) replaced.Dispose();
        AssertSame(model, model.Select(TrainableSet.All));
    }

    /// <summary>What other devices than the CPU run.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void So_they_are_by_tensor_operations_alone(string family)
    {
        using CausalLM model = Shapes.Model(family);
        try
        {
            CpuKernel.Enabled = CpuKernels.None;
            AssertSame(model, model.Select(TrainableSet.All));
        }
        finally
        {
            CpuKernel.Enabled = CpuKernels.All;
        }
    }

    [Fact]
    public void A_pass_keeps_little_and_leaves_nothing_behind()
    {
        using CausalLM model = CausalLM.Create(
            Shapes.Config() with { HiddenSize = 64, IntermediateSize = 256, Layers = 12, HeadDim = 16 }, seed: 1);
        model.Select(TrainableSet.All);
        var batch = new PackedSequences([.. Enumerable.Range(0, 64).Select(s => Shapes.Ids(64, (ulong)s))]);
        Pass();
        long whole = Kept();
        model.GradientCheckpointing = true;
        Pass();
        long tensors = Tensor.TotalCount, little = Kept();
        for (int i = 0; i < 3; i++) Pass();
        Assert.Equal(tensors, Tensor.TotalCount);
        // Of a layer the one keeps some twelve rows of width 64 and four of width 256 a token, the other two of width 64.
        Assert.True(little < whole / 4, $"{little >> 20} MB of {whole >> 20} MB");

        void Pass()
        {
            using DisposeScope scope = NewDisposeScope();
            model.Hidden(batch).sum().backward();
        }

        // What stays resident while the graph waits for its backward pass.
        long Kept()
        {
            using DisposeScope scope = NewDisposeScope();
            long before = Environment.WorkingSet;
            Tensor hidden = model.Hidden(batch);
            long kept = Environment.WorkingSet - before;
            hidden.sum().backward();
            return kept;
        }
    }

    [Fact]
    public void Without_a_gradient_nothing_is_different()
    {
        using CausalLM model = Shapes.Model();
        model.Select(TrainableSet.All);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var batch = new PackedSequences([Shapes.Ids(9, 1)]);
        double[] expected = Twins.Values(model.Hidden(batch));
        model.GradientCheckpointing = true;
        Assert.Equal(expected, Twins.Values(model.Hidden(batch)));
    }

    private static void AssertSame(CausalLM model, IReadOnlyList<(string Name, Parameter Parameter)> chosen)
    {
        // The second batch adds to gradients that are there.
        int[][][] batches = [[Shapes.Ids(19, 1), Shapes.Ids(11, 2)], [Shapes.Ids(8, 3)]];
        (double loss, Dictionary<string, double[]> expected) = CausalLMTests.LossAndGradients(model, batches);
        model.GradientCheckpointing = true;
        (double again, Dictionary<string, double[]> found) = CausalLMTests.LossAndGradients(model, batches);
        model.GradientCheckpointing = false;
        Assert.Equal(loss, again);
        Assert.Equal(chosen.Select(pair => pair.Name).Order(), expected.Keys.Order());
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(pair.Value, found[pair.Key]));
        Assert.Contains(expected.Values, values => Array.Exists(values, value => value != 0));
    }
}
