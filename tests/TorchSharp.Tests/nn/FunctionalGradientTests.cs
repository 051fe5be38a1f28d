using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

/// <summary>Every differentiable functional against central differences in float64.</summary>
public sealed class FunctionalGradientTests
{
    private static readonly Tensor s_targets = tensor(new long[] { 2, -100, 0, 1, 2 }).DetachFromDisposeScope();

    public static TheoryData<string> Activations =>
    [
        "relu", "sigmoid", "silu", "gelu", "gelu tanh", "logsigmoid", "softplus", "softmax 0", "softmax 1", "log_softmax 0", "log_softmax 1",
    ];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activations_have_the_right_gradient(string name)
    {
        Func<Tensor, Tensor> function = name switch
        {
            "relu" => x => F.relu(x),
            "sigmoid" => F.sigmoid,
            "silu" => x => F.silu(x),
            "gelu" => F.gelu,
            "gelu tanh" => x => F.gelu(x, GELU.Approximate.tanh),
            "logsigmoid" => F.logsigmoid,
            "softplus" => x => F.softplus(x, 1.5),
            "softmax 0" => x => F.softmax(x, 0),
            "softmax 1" => x => F.softmax(x, -1),
            "log_softmax 0" => x => F.log_softmax(x, 0),
            _ => x => F.log_softmax(x, 1),
        };
        FiniteDifferences.Check(x => function(x[0]), Samples.Doubles(1, 4, 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Linear_has_the_right_gradient(int dimensions)
    {
        long[] shape = [.. Enumerable.Repeat(3L, dimensions - 1), 4];
        FiniteDifferences.Check(x => F.linear(x[0], x[1], x[2]), Samples.Doubles(1, shape), Samples.Doubles(2, 5, 4), Samples.Doubles(3, 5));
        FiniteDifferences.Check(x => F.linear(x[0], x[1]), Samples.Doubles(1, shape), Samples.Doubles(2, 5, 4));
    }

    [Fact]
    public void Linear_of_views_has_the_right_gradient()
        => FiniteDifferences.Check(
            x => F.linear(x[0].transpose(0, 1), x[1].t()), Samples.Doubles(1, 4, 3), Samples.Doubles(2, 4, 5));

    [Theory]
    [InlineData(nn.Reduction.None)]
    [InlineData(nn.Reduction.Mean)]
    [InlineData(nn.Reduction.Sum)]
    public void Cross_entropy_has_the_right_gradient(nn.Reduction reduction)
    {
        Tensor weights = Samples.Doubles(9, 3).abs();
        Tensor logits = Samples.Doubles(1, 5, 3);
        FiniteDifferences.Check(x => F.cross_entropy(x[0], s_targets, reduction: reduction), logits);
        FiniteDifferences.Check(x => F.cross_entropy(x[0], s_targets, weights, reduction: reduction), logits);
        FiniteDifferences.Check(x => F.cross_entropy(x[0], s_targets, weights, reduction: reduction, label_smoothing: 0.2), logits);
        FiniteDifferences.Check(x => F.nll_loss(F.log_softmax(x[0], 1), s_targets, weights, reduction), logits);
        Tensor soft = Samples.Doubles(2, 5, 3).softmax(1);
        FiniteDifferences.Check(x => F.cross_entropy(x[0], x[1], weights, reduction: reduction, label_smoothing: 0.1), logits, soft);
        Tensor grid = tensor(new long[] { 0, 1, 2, 2, -100, 0 }, [2, 3]);
        FiniteDifferences.Check(x => F.cross_entropy(x[0], grid, reduction: reduction), Samples.Doubles(3, 2, 3, 3));
    }

    [Theory]
    [InlineData(nn.Reduction.None)]
    [InlineData(nn.Reduction.Mean)]
    [InlineData(nn.Reduction.Sum)]
    public void Distances_have_the_right_gradient(nn.Reduction reduction)
    {
        FiniteDifferences.Check(x => F.mse_loss(x[0], x[1], reduction), Samples.Doubles(1, 3, 4), Samples.Doubles(2, 3, 4));
        FiniteDifferences.Check(x => F.kl_div(x[0], x[1], true, reduction), Samples.Doubles(1, 3, 4), Samples.Doubles(2, 3, 4));
        FiniteDifferences.Check(x => F.kl_div(x[0], x[1], false, reduction), Samples.Doubles(1, 3, 4), Samples.Doubles(2, 3, 4).abs());
    }

    [Theory]
    [InlineData("none")]
    [InlineData("causal")]
    [InlineData("boolean")]
    [InlineData("added")]
    public void Attention_has_the_right_gradient(string mask)
    {
        Tensor? attend = mask switch
        {
            "boolean" => tensor(new[] { true, false, true, true, true, false, false, false, false }, [3, 3]),
            "added" => Samples.Doubles(8, 3, 3),
            _ => null,
        };
        FiniteDifferences.Check(
            x => F.scaled_dot_product_attention(x[0], x[1], x[2], attend, is_casual: mask == "causal"),
            Samples.Doubles(1, 2, 2, 3, 4),
            Samples.Doubles(2, 2, 2, 3, 4),
            Samples.Doubles(3, 2, 2, 3, 5));
    }

    [Fact]
    public void Normalizations_have_the_right_gradient()
    {
        FiniteDifferences.Check(
            x => F.layer_norm(x[0], [3, 4], x[1], x[2]), Samples.Doubles(1, 2, 3, 4), Samples.Doubles(2, 3, 4), Samples.Doubles(3, 3, 4));
        FiniteDifferences.Check(x => F.normalize(x[0]), Samples.Doubles(1, 3, 4));
        FiniteDifferences.Check(x => F.normalize(x[0], dim: 0), Samples.Doubles(1, 3, 4));
    }

    [Fact]
    public void Padding_has_the_right_gradient()
        => FiniteDifferences.Check(x => F.pad(x[0], [1, -1, 0, 2], value: 3), Samples.Doubles(1, 3, 4));
}
