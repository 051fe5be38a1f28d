using FsCheck;
using FsCheck.Fluent;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Kernels;

public sealed class ElementwiseTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 7)]
    [InlineData(300, 192)]
    [InlineData(3, 1000)]
    public void Rms_norm_twins_agree(int rows, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Twins.AssertSame(
            t => [RmsNorm.Fused(t[0], t[1], 1e-5)], t => [RmsNorm.Composite(t[0], t[1], 1e-5)], Tolerance,
            Twins.Normal(1, [rows, width]), Twins.Normal(2, [width]));
    }

    [Fact]
    public void Rms_norm_twins_agree_over_heads_and_on_a_transposed_input()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Twins.Normal(1, [6, 11, 20]), w = Twins.Normal(2, [20]);
        Twins.AssertSame(t => [RmsNorm.Fused(t[0], t[1], 1e-6)], t => [RmsNorm.Composite(t[0], t[1], 1e-6)], Tolerance, x, w);
        Twins.AssertSame(
            t => [RmsNorm.Fused(t[0].transpose(0, 1), t[1], 1e-6)], t => [RmsNorm.Composite(t[0].transpose(0, 1), t[1], 1e-6)], Tolerance, x, w);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(300, 192)]
    [InlineData(7, 21)]
    public void Residual_norm_twins_agree(int rows, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] Pair((Tensor Sum, Tensor Normed) results) => [results.Sum, results.Normed];
        Tensor x = Twins.Normal(1, [rows, width]), delta = Twins.Normal(2, [rows, width]), w = Twins.Normal(3, [width]);
        Twins.AssertSame(
            t => Pair(ResidualNorm.Fused(t[0], t[1], t[2], 1e-5)),
            t => Pair(ResidualNorm.Composite(t[0], t[1], t[2], 1e-5)),
            Tolerance, x, delta, w);
        Twins.AssertSame(
            t => [ResidualNorm.Fused(t[0], t[1], t[2], 1e-5).Normed],
            t => [ResidualNorm.Composite(t[0], t[1], t[2], 1e-5).Normed],
            Tolerance, x, delta, w);
    }

    [Fact]
    public void Rms_norm_gives_no_gradient_to_a_frozen_weight()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Twins.Normal(1, [4, 16]), w = Twins.Normal(2, [16], gradient: false);
        RmsNorm.Fused(x, w, 1e-5).sum().backward();
        Assert.NotNull(x.grad);
        Assert.Null(w.grad);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(9, 3, 8)]
    [InlineData(33, 6, 32)]
    [InlineData(5, 2, 22)]
    public void Rotary_twins_agree(int tokens, int heads, int headDim)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor angle = Twins.Normal(4, [tokens, headDim / 2], gradient: false);
        Tensor cos = angle.cos(), sin = angle.sin();
        Twins.AssertSame(
            t => [Rotary.Fused(t[0], cos, sin)], t => [Rotary.Composite(t[0], cos, sin)], Tolerance, Twins.Normal(3, [tokens, heads, headDim]));
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(7, 3, 12)]
    [InlineData(300, 6, 32)]
    public void Normed_rotary_twins_agree(int tokens, int heads, int headDim)
    {
        using DisposeScope scope = NewDisposeScope();
        using var table = new RotaryTable(Modeling.Shapes.Config(headDim: headDim, maxPositions: 512));
        (Tensor cos, Tensor sin) = Rows(table, [.. Enumerable.Range(0, tokens)]);
        Twins.AssertSame(
            t => [NormedRotary.Fused(t[0], t[1], 1e-6, cos, sin)], t => [NormedRotary.Composite(t[0], t[1], 1e-6, cos, sin)], Tolerance,
            Twins.Normal(3, [tokens, heads, headDim]), Twins.Normal(4, [headDim]));
    }

    [Fact]
    public void Normed_rotary_gives_the_bits_of_norm_and_rotation_apart()
    {
        using DisposeScope scope = NewDisposeScope();
        using var table = new RotaryTable(Modeling.Shapes.Config(headDim: 20));
        (Tensor cos, Tensor sin) = Rows(table, [.. Enumerable.Range(0, 9)]);
        Tensor x = Twins.Normal(3, [9, 2, 20]), weight = Twins.Normal(4, [20]);
        Assert.Equal(
            Twins.Values(Rotary.Fused(RmsNorm.Fused(x, weight, 1e-6), cos, sin)), Twins.Values(NormedRotary.Fused(x, weight, 1e-6, cos, sin)));
    }

    [Fact]
    public void Rotary_keeps_lengths_and_depends_on_distance_only()
    {
        using DisposeScope scope = NewDisposeScope();
        using var table = new RotaryTable(Modeling.Shapes.Config(headDim: 16));
        (Tensor cos, Tensor sin) = Rows(table, [3, 7, 103, 107]);
        Tensor vector = Twins.Normal(3, [1, 1, 16], gradient: false), other = Twins.Normal(4, [1, 1, 16], gradient: false);
        Tensor q = Rotary.Apply(cat([vector, vector, vector, vector], 0), cos, sin);
        Tensor k = Rotary.Apply(cat([other, other, other, other], 0), cos, sin);
        double near = (q[0] * k[1]).sum().item<float>(), far = (q[2] * k[3]).sum().item<float>();
        Assert.Equal(near, far, 1e-4);
        Assert.Equal((vector * vector).sum().item<float>(), (q[2] * q[2]).sum().item<float>(), 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(512)]
    public unsafe void Gates_on_memory_are_those_of_libtorch(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gate = Twins.Normal(1, [count], gradient: false).Times(3), up = Twins.Normal(2, [count], gradient: false), y = empty(count);
        float* g = TensorMemory.Floats(gate), u = TensorMemory.Floats(up), ys = TensorMemory.Floats(y);
        GatedUnit.Silu(g, u, ys, count);
        Twins.AssertClose(Twins.Values(GatedUnit.Silu(gate, up)), Twins.Values(y), Tolerance, "silu");
        GatedUnit.Gelu(g, u, ys, count);
        Twins.AssertClose(Twins.Values(GatedUnit.Gelu(gate, up)), Twins.Values(y), Tolerance, "gelu");
    }

    [Fact]
    public void A_wider_norm_weight_multiplies_before_rounding()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Twins.Normal(1, [4, 16], ScalarType.BFloat16, gradient: false), w = Twins.Normal(2, [16], gradient: false).Plus(1);
        Tensor y = RmsNorm.Composite(x, w, 1e-6);
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Assert.Equal(Twins.Values(RmsNorm.Composite(x.to(ScalarType.Float32), w, 1e-6).to(ScalarType.BFloat16)), Twins.Values(y));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void Gates_are_finite_for_large_values(bool gelu)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gate = tensor(Enumerable.Repeat(new[] { -500f, -90f, 90f, 500f }, 4).SelectMany(v => v).ToArray()).requires_grad_();
        Tensor up = ones(16).requires_grad_(), onMemory = empty(16);
        Tensor y = gelu ? GatedUnit.Gelu(gate, up) : GatedUnit.Silu(gate, up);
        y.sum().backward();
        float* g = TensorMemory.Floats(gate), u = TensorMemory.Floats(up), ys = TensorMemory.Floats(onMemory);
        if (gelu) GatedUnit.Gelu(g, u, ys, 16);
        else GatedUnit.Silu(g, u, ys, 16);
        Assert.All([y, onMemory], values => Assert.Equal([0, 0, 90, 500], Twins.Values(values)[..4].Select(v => Math.Round(v, 5) + 0.0)));
        Assert.All(Twins.Values(gate.grad!), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Twins_agree_on_any_shape() => Prop.ForAll(
        // From width 2 on: the norm of a single number is its sign, whose gradient is nothing but rounding.
        Gen.Choose(2, 40).Two().ToArbitrary(),
        shape =>
        {
            using DisposeScope scope = NewDisposeScope();
            (int rows, int width) = shape;
            Tensor x = Twins.Normal((ulong)rows, [rows, width]), w = Twins.Normal(2, [width]);
            Twins.AssertSame(t => [RmsNorm.Fused(t[0], t[1], 1e-5)], t => [RmsNorm.Composite(t[0], t[1], 1e-5)], Tolerance, x, w);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(30));

    [Fact]
    public void Composites_have_the_gradients_of_their_formulas()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Twins.Normal(1, [3, 2, 6], ScalarType.Float64), w = Twins.Normal(2, [6], ScalarType.Float64);
        Tensor u = Twins.Normal(3, [3, 2, 6], ScalarType.Float64), angle = Twins.Normal(4, [3, 3], ScalarType.Float64, gradient: false);
        Tensor cos = angle.cos(), sin = angle.sin();
        Twins.AssertGradients(t => [RmsNorm.Composite(t[0], t[1], 1e-5)], x, w);
        Twins.AssertGradients(t => [Rotary.Composite(t[0], cos, sin)], x);
        Twins.AssertGradients(t => [GatedUnit.Silu(t[0], t[1])], x, u);
        Twins.AssertGradients(t => [GatedUnit.Gelu(t[0], t[1])], x, u);
    }

    private static (Tensor Cos, Tensor Sin) Rows(RotaryTable table, int[] positions)
    {
        (Tensor cos, Tensor sin) = table.Tables(positions.Max() + 1, float32, CPU);
        Tensor index = tensor(positions.Select(position => (long)position).ToArray());
        return (cos.index_select(0, index), sin.index_select(0, index));
    }
}
