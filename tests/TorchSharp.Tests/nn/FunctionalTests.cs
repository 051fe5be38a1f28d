using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

public sealed class FunctionalTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.Float64, 1e-13)]
    [InlineData(ScalarType.BFloat16, 3e-2)]
    public void Linear_is_a_matrix_product_with_bias(ScalarType dtype, double tolerance)
    {
        using Tensor x = Samples.Doubles(1, 2, 3, 4).to(dtype);
        using Tensor w = Samples.Doubles(2, 5, 4).to(dtype);
        using Tensor b = Samples.Doubles(3, 5).to(dtype);
        using Tensor y = F.linear(x, w, b);
        Assert.Equal([2, 3, 5], y.shape);
        Assert.Equal(dtype, y.dtype);
        double[] xs = Samples.Values(x), ws = Samples.Values(w), bs = Samples.Values(b);
        var expected = new double[30];
        for (int row = 0; row < 6; row++)
        {
            for (int column = 0; column < 5; column++)
                expected[row * 5 + column] = bs[column] + Enumerable.Range(0, 4).Sum(k => xs[row * 4 + k] * ws[column * 4 + k]);
        }

        Samples.Near(expected, y, tolerance);
    }

    [Fact]
    public void Linear_refuses_shapes_and_types_that_do_not_fit()
    {
        using Tensor x = Samples.Floats(1, 2, 3);
        using Tensor w = Samples.Floats(2, 4, 5);
        Assert.Throws<ExternalException>(() => F.linear(x, w));
        using Tensor square = Samples.Floats(3, 4, 3);
        using Tensor bias = Samples.Floats(4, 3);
        Assert.Throws<ExternalException>(() => F.linear(x, square, bias));
        using Tensor exact = square.to(ScalarType.Float64);
        Assert.Throws<ExternalException>(() => F.linear(x, exact));
    }

    [Fact]
    public void Linear_sums_gradients_of_a_weight_used_twice()
    {
        using Parameter w = Samples.DoubleParameter(1, 3, 3);
        using Tensor x = Samples.Doubles(2, 2, 3);
        F.linear(F.linear(x, w), w).sum().backward();
        using Tensor? together = w.grad!.clone();
        w.grad = null;
        using Parameter inner = Samples.DoubleParameter(1, 3, 3);
        F.linear(F.linear(x, inner), w).sum().backward();
        using Tensor separate = w.grad!.add(inner.grad!);
        Samples.Near(Samples.Values(separate), together);
    }

    [Fact]
    public void Activations_have_their_closed_forms()
    {
        using Tensor x = Samples.Doubles(1, 50);
        double[] values = Samples.Values(x);
        Samples.Near([.. values.Select(static v => Math.Max(v, 0))], F.relu(x));
        Samples.Near([.. values.Select(static v => 1 / (1 + Math.Exp(-v)))], F.sigmoid(x));
        Samples.Near([.. values.Select(static v => v / (1 + Math.Exp(-v)))], F.silu(x));
        Samples.Near([.. values.Select(static v => -Math.Log(1 + Math.Exp(-v)))], F.logsigmoid(x));
        Samples.Near([.. values.Select(static v => Math.Log(1 + Math.Exp(2 * v)) / 2)], F.softplus(x, beta: 2));
        double root = Math.Sqrt(2 / Math.PI);
        Samples.Near([.. values.Select(v => 0.5 * v * (1 + Math.Tanh(root * (v + 0.044715 * v * v * v))))], F.gelu(x, GELU.Approximate.tanh));
        Samples.Near([.. values.Select(static v => v * NormalDistribution(v))], F.gelu(x), 1e-9);
    }

    [Fact]
    public void In_place_activations_change_their_argument()
    {
        using Tensor x = tensor(new[] { -1.0, 2.0 });
        using Tensor y = F.relu(x, inplace: true);
        Samples.Near([0, 2], x);
        Samples.Near([0, 2], y);
    }

    [Fact]
    public void Softmax_is_stable_and_converts_when_asked()
    {
        using Tensor x = tensor(new[] { 1000f, 1001f, -1000f }, [1, 3]);
        using Tensor p = F.softmax(x, 1, ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, p.dtype);
        Samples.Near([1 / (1 + Math.E), Math.E / (1 + Math.E), 0], p);
        using Tensor logs = F.log_softmax(x, 1);
        Samples.Near([-1.3132616875, -0.3132616875, -2001.3132617], logs, 1e-6);
    }

    [Fact]
    public void Cross_entropy_skips_ignored_positions()
    {
        double[] values = Samples.Normal(12, 1);
        using Tensor logits = tensor(values, [4, 3]);
        using Tensor target = tensor(new long[] { 1, -100, 2, -100 });
        double[] losses = [Loss(values[..3], 1), Loss(values[6..9], 2)];
        Samples.Near([(losses[0] + losses[1]) / 2], F.cross_entropy(logits, target));
        Samples.Near([losses[0] + losses[1]], F.cross_entropy(logits, target, reduction: nn.Reduction.Sum));
        Samples.Near([losses[0], 0, losses[1], 0], F.cross_entropy(logits, target, reduction: nn.Reduction.None));

        using Tensor other = tensor(new long[] { 1, 0, 2, 0 });
        Samples.Near([(losses[0] + losses[1]) / 2], F.cross_entropy(logits, other, ignore_index: 0));
        using Tensor none = tensor(new long[] { -100, -100, -100, -100 });
        Assert.True(double.IsNaN(F.cross_entropy(logits, none).item<double>()));
    }

    [Fact]
    public void Cross_entropy_keeps_its_digits_for_large_logits()
    {
        using Tensor logits = tensor(new[] { 10000f, 10001f, -10000f }, [1, 3]);
        Samples.Near([1.31326168752], F.cross_entropy(logits, tensor(new long[] { 0 })), 1e-7);
        Samples.Near([20001.3132617], F.cross_entropy(logits, tensor(new long[] { 2 })), 1e-7);
    }

    [Theory]
    [InlineData(nn.Reduction.None)]
    [InlineData(nn.Reduction.Mean)]
    [InlineData(nn.Reduction.Sum)]
    public void The_fused_cross_entropy_equals_the_composite_one(nn.Reduction reduction)
    {
        const int rows = 37, classes = 2100;
        using var scope = NewDisposeScope();
        long[] targets = Enumerable.Range(0, rows).Select(static row => row % 5 == 0 ? -100L : row * 31 % classes).ToArray();
        Tensor target = tensor(targets);
        Tensor fused = Samples.Floats(1, rows, classes).requires_grad_();
        Tensor composite = Samples.Floats(1, rows, classes).requires_grad_();
        Tensor a = F.cross_entropy(fused, target, reduction: reduction);
        Tensor b = F.cross_entropy(composite, target, ones(classes), reduction: reduction);
        Samples.Near(Samples.Values(b), a, 1e-5);
        Tensor weights = Samples.Floats(2, a.shape);
        (a * weights).sum().backward();
        (b * weights).sum().backward();
        Samples.Near(Samples.Values(composite.grad!), fused.grad!, 1e-5);
    }

    [Fact]
    public void Cross_entropy_weighs_classes_and_smooths_labels()
    {
        double[] values = Samples.Normal(6, 2);
        double[] weights = [0.5, 2, 1];
        using Tensor logits = tensor(values, [2, 3]);
        using Tensor target = tensor(new long[] { 1, 2 });
        using Tensor weight = tensor(weights);
        double[] plain = [Loss(values[..3], 1), Loss(values[3..], 2)];
        Samples.Near([(2 * plain[0] + plain[1]) / 3], F.cross_entropy(logits, target, weight));

        double[] spread = [.. new[] { values[..3], values[3..] }.Select(row => Enumerable.Range(0, 3).Sum(c => weights[c] * Loss(row, c)) / 3)];
        double smooth = (0.9 * (2 * plain[0] + plain[1]) + 0.1 * (spread[0] + spread[1])) / 3;
        Samples.Near([smooth], F.cross_entropy(logits, target, weight, label_smoothing: 0.1));

        using Tensor soft = tensor(new[] { 0, 1.0, 0, 0, 0, 1.0 }, [2, 3]);
        Samples.Near([(plain[0] + plain[1]) / 2], F.cross_entropy(logits, soft));
    }

    [Fact]
    public void Cross_entropy_checks_its_targets()
    {
        using Tensor logits = Samples.Floats(1, 2, 3);
        Assert.Throws<ExternalException>(() => F.cross_entropy(logits, tensor(new long[] { 0, 3 })));
        Assert.Throws<ExternalException>(() => F.cross_entropy(logits, tensor(new long[] { 0, -1 })));
        Assert.Throws<ExternalException>(() => F.cross_entropy(logits, tensor(new long[] { 0 })));
        Assert.Throws<ExternalException>(() => F.cross_entropy(logits, tensor(new[] { 0, 1 })));
    }

    [Fact]
    public void Kl_div_takes_logarithms_unless_told_otherwise()
    {
        using Tensor q = tensor(new[] { Math.Log(0.5), Math.Log(0.25), Math.Log(0.25) });
        using Tensor p = tensor(new[] { 0.75, 0.25, 0 });
        double expected = 0.75 * Math.Log(0.75 / 0.5);
        Samples.Near([expected], F.kl_div(q, p, log_target: false, nn.Reduction.Sum));
        Samples.Near([expected / 3], F.kl_div(q, p, log_target: false));
        using Tensor logP = tensor(new[] { Math.Log(0.75), Math.Log(0.25), -800 });
        Samples.Near([expected], F.kl_div(q, logP, reduction: nn.Reduction.Sum));
    }

    [Fact]
    public void Causal_attention_equals_its_masks()
    {
        using var scope = NewDisposeScope();
        Tensor q = Samples.Doubles(1, 2, 4, 3), k = Samples.Doubles(2, 2, 4, 3), v = Samples.Doubles(3, 2, 4, 5);
        Tensor causal = F.scaled_dot_product_attention(q, k, v, is_casual: true);
        Tensor mask = ones([4, 4], ScalarType.Bool).tril();
        Samples.Near(Samples.Values(causal), F.scaled_dot_product_attention(q, k, v, mask));
        Tensor added = zeros([4, 4], ScalarType.Float64).masked_fill(mask.logical_not(), double.NegativeInfinity);
        Samples.Near(Samples.Values(causal), F.scaled_dot_product_attention(q, k, v, added));
        Samples.Near(Samples.Values(v[0, 0]), causal[0, 0]); // the first query sees the first value only
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(q, k, v, mask, is_casual: true));
    }

    [Fact]
    public void A_query_that_may_see_nothing_gets_zeros()
    {
        using var scope = NewDisposeScope();
        Tensor q = Samples.Doubles(1, 2, 3), k = Samples.Doubles(2, 2, 3), v = Samples.Doubles(3, 2, 3);
        Tensor mask = tensor(new[] { true, true, false, false }, [2, 2]);
        Samples.Near([0, 0, 0], F.scaled_dot_product_attention(q, k, v, mask)[1]);
    }

    [Fact]
    public void Layer_norm_gives_mean_zero_and_variance_one()
    {
        using Tensor x = Samples.Doubles(1, 5, 16) * 3 + 2;
        double[] y = Samples.Values(F.layer_norm(x, [16], eps: 0));
        for (int row = 0; row < 5; row++)
        {
            double[] part = y[(row * 16)..((row + 1) * 16)];
            Assert.Equal(0, part.Average(), 12);
            Assert.Equal(1, part.Average(static value => value * value), 12);
        }

        using LayerNorm module = nn.LayerNorm(16, dtype: ScalarType.Float64);
        Samples.Near(Samples.Values(F.layer_norm(x, [16])), module.call(x));
        Assert.Equal(["weight", "bias"], module.named_parameters().Select(static pair => pair.name));
    }

    [Fact]
    public void Normalize_divides_by_the_norm_and_leaves_zeros()
    {
        using Tensor x = tensor(new[] { 3.0, 4, 0, 0 }, [2, 2]);
        Samples.Near([0.6, 0.8, 0, 0], F.normalize(x));
        using Tensor leaf = x.clone().requires_grad_();
        F.normalize(leaf).sum().backward();
        Assert.All(Samples.Values(leaf.grad!), static value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void One_hot_marks_indices()
    {
        using Tensor x = tensor(new long[] { 1, 0, 2 });
        Samples.Near([0, 1, 0, 1, 0, 0, 0, 0, 1], F.one_hot(x));
        Assert.Equal([3, 5], F.one_hot(x, 5).shape);
        Assert.Equal(ScalarType.Int64, F.one_hot(x).dtype);
        Assert.Throws<ExternalException>(() => F.one_hot(x, 2));
        Assert.Throws<ExternalException>(() => F.one_hot(tensor(new long[] { -1 })));
    }

    [Fact]
    public void Pad_extends_and_cuts()
    {
        using Tensor x = tensor(new[] { 1.0, 2, 3, 4 }, [2, 2]);
        Samples.Near([9, 1, 2, 9, 3, 4], F.pad(x, (1, 0), value: 9));
        Samples.Near([2, 4, 0, 0], F.pad(x, (-1, 0, 0, 2)));
        if (Backend.IsEmbedded)
            Assert.Throws<NotSupportedException>(() => F.pad(x, (1, 1), PaddingModes.Reflect));
    }

    private static double Loss(double[] logits, int target)
        => Math.Log(logits.Sum(Math.Exp)) - logits[target];

    /// <summary>Φ(x) by Simpson's rule.</summary>
    private static double NormalDistribution(double x)
    {
        const int steps = 2000;
        double width = x / steps, sum = 0;
        for (int i = 0; i <= steps; i++)
        {
            double t = i * width;
            double factor = i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += factor * Math.Exp(-t * t / 2);
        }

        return 0.5 + sum * width / 3 / Math.Sqrt(2 * Math.PI);
    }
}
