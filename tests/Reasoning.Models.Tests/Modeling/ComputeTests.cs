using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

/// <summary>Products in bfloat16 while weights, gradients and everything else stay float32.</summary>
public sealed class ComputeTests
{
    /// <summary>bfloat16 keeps 8 bits; some dozen roundings in a row stay within a few of the last ones.</summary>
    private const double Tolerance = 0.05;

    /// <summary>Where a gradient is the small rest of a sum (norms of queries and keys), they weigh more.</summary>
    private const double ToleranceOfOne = 0.2;

    private static readonly string[] s_targets = ["q_proj", "v_proj", "down_proj"];

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma3_text")]
    public void Loss_and_gradients_are_those_of_float32_within_rounding(string family)
    {
        using CausalLM model = Shapes.Model(family);
        model.Select(TrainableSet.All);
        AssertCloseToFloat32(model);
        Assert.All(model.named_parameters(), pair => Assert.Equal(ScalarType.Float32, pair.parameter.dtype));
    }

    [Fact]
    public void Adapters_learn_within_rounding_of_float32()
    {
        using CausalLM model = Shapes.Model("qwen2");
        model.AddLora(3, 6, s_targets, seed: 1);
        foreach ((string name, Parameter parameter) in model.Select(TrainableSet.Lora))
            Parameters.FillGaussian(parameter, 0.2, 5, name);
        AssertCloseToFloat32(model);
    }

    [Fact]
    public void A_projection_multiplies_rounded_values_and_adds_the_bias_in_float32()
    {
        using CausalLM model = Shapes.Model("qwen2");
        Projection projection = model.Layers[0].Attention.Query;
        using Scalar bias = 1000.3;
        using (no_grad()) projection.Bias!.fill_(bias).DetachFromDisposeScope();
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Twins.Normal(1, [5, 24], gradient: false);
        projection.Compute = ScalarType.BFloat16;
        Tensor product = Rounded(x).mm(Rounded(projection.Weight).t()); // [5, outputs]
        Tensor distance = (projection.Apply(x).to(ScalarType.Float64) - product.Plus(projection.Bias!.to(ScalarType.Float64))).abs();
        // Half a unit of the last bit of the product; the bias alone would be off by 0.3 in bfloat16.
        Assert.True((distance <= product.abs().DividedBy(256).Plus(1e-4)).all().item<bool>());

        static Tensor Rounded(Tensor t) => t.to(ScalarType.BFloat16).to(ScalarType.Float64);
    }

    [Fact]
    public void The_split_into_micro_batches_changes_gradients_by_rounding_only()
    {
        using CausalLM model = Shapes.Model("qwen3");
        model.Select(TrainableSet.All);
        model.Compute = ScalarType.BFloat16;
        int[] a = Shapes.Ids(19, 1), b = Shapes.Ids(11, 2);
        (_, Dictionary<string, double[]> whole) = CausalLMTests.LossAndGradients(model, [[a, b]]);
        (_, Dictionary<string, double[]> parts) = CausalLMTests.LossAndGradients(model, [[a], [b]]);
        foreach ((string name, double[] gradient) in whole) Assert.True(Distance(gradient, parts[name]) < 0.01, name);
    }

    [Fact]
    public void A_pass_sees_the_weights_of_the_moment()
    {
        using CausalLM model = Shapes.Model();
        model.Compute = ScalarType.BFloat16;
        double[] before = Hidden(model);
        Assert.Equal(before, Hidden(model));
        using Scalar factor = 1.5;
        using (no_grad()) model.Layers[0].FeedForward.Down.Weight.mul_(factor).DetachFromDisposeScope();
        Assert.NotEqual(before, Hidden(model));
    }

    [Fact]
    public void Narrow_products_add_up_in_a_wide_sum()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = Twins.Normal(1, [7, 5000], ScalarType.BFloat16, gradient: false), b = Twins.Normal(2, [7, 3], ScalarType.BFloat16, gradient: false);
        Tensor sum = ones(5000, 3);
        Product.Add(sum, a, b);
        Tensor exact = a.to(ScalarType.Float32).t().mm(b.to(ScalarType.Float32)); // [5000, 3]
        Assert.True(((sum.Minus(1) - exact).abs() <= exact.abs().DividedBy(256).Plus(1e-5)).all().item<bool>());
    }

    [Theory]
    [InlineData(0x1F, 1, 1 << 5, 1 << 22, "AMX")]
    [InlineData(0x1F, 1, 1 << 5, 0, "AVX512-BF16")]
    [InlineData(0x1F, 0, 1 << 5, 0, null)]
    [InlineData(0x1F, 1, 0, 0, null)]
    [InlineData(0x06, 1, 1 << 5, 1 << 22, null)]
    public void Units_are_read_from_the_processors_own_tables(int leaves, int subLeaves, int eax, int edx, string? expected) =>
        Assert.Equal(expected, Bfloat16Units.NameOf((leaf, sub) => (leaf, sub) switch
        {
            (0, _) => (leaves, 0, 0, 0),
            (7, 0) => (subLeaves, 0, 0, edx),
            _ => (eax, 0, 0, 0),
        }));

    [Fact]
    public void A_processor_without_units_is_told_what_to_do()
    {
        string message = Bfloat16Units.Missing("compute bfloat16").Message;
        Assert.StartsWith("compute bfloat16: this processor", message);
        Assert.Contains("leave it float32", message);
    }

    private static void AssertCloseToFloat32(CausalLM model)
    {
        int[][] batch = [Shapes.Ids(19, 1), Shapes.Ids(11, 2)];
        (double exact, Dictionary<string, double[]> expected) = CausalLMTests.LossAndGradients(model, [batch]);
        model.Compute = ScalarType.BFloat16;
        (double loss, Dictionary<string, double[]> found) = CausalLMTests.LossAndGradients(model, [batch]);
        Assert.InRange(Math.Abs(loss - exact), 1e-7, Tolerance * Math.Abs(exact));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.InRange(Distance([.. expected.Values.SelectMany(g => g)], [.. expected.Keys.SelectMany(name => found[name])]), 1e-4, Tolerance);
        foreach ((string name, double[] gradient) in expected)
            Assert.True(Distance(gradient, found[name]) < ToleranceOfOne, $"{name}: {Distance(gradient, found[name])}");
    }

    private static double Distance(double[] expected, double[] found) =>
        Math.Sqrt(expected.Zip(found, (e, f) => (e - f) * (e - f)).Sum() / expected.Sum(e => e * e));

    private static double[] Hidden(CausalLM model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return Twins.Values(model.Hidden(new PackedSequences([Shapes.Ids(9, 1)])));
    }
}
