using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class ElementTests
{
    [Fact]
    public void Shapes_broadcast_from_the_right()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor r = arange(3).unsqueeze(1) * 10 + arange(2);
        Assert.Equal([3L, 2L], r.shape);
        Assert.Equal([0L, 1L, 10L, 11L, 20L, 21L], r.data<long>().ToArray());
        Assert.Equal([2L, 3L, 4L], (ones(2, 1, 4) + ones(3, 1)).shape);
        Assert.Equal([0L, 3L], (ones(0, 3) + ones(1, 3)).shape);
        Assert.Throws<ExternalException>(() => ones(3) + ones(2));
        Assert.Throws<ExternalException>(() => ones(3).add_(ones(2, 3)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(70_000)]
    public void Strided_and_contiguous_operands_give_the_same_elements(int n)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = (arange(2 * n, dtype: float32) * 0.01 - 3).reshape(n, 2);
        Tensor every = x.t()[0], dense = every.contiguous();
        Assert.Equal(n > 1, !every.is_contiguous());
        Assert.True((every * 2 + dense).Equals(dense * 3 - (dense * 2 - every * 2)) || allclose(every * 2 + dense, dense * 3));
        Assert.True(every.exp().Equals(dense.exp()));
        Assert.True((x.t() + x.t()).Equals((x + x).t()));
        Assert.True(every.to(float64).Equals(dense.to(float64)));
        Assert.True((every > 0).Equals(dense > 0));
        Assert.True(every.maximum(-dense).Equals(dense.maximum(-every)));
    }

    [Fact]
    public void Results_of_transposed_operands_keep_their_strides()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 3).t();
        Assert.Equal([1L, 3L], (x * 2).stride());
        Assert.Equal([1L, 3L], x.exp().stride());
        Assert.Equal([1L, 3L], x.clone().stride());
        Assert.Equal([1L, 3L], zeros_like(x).stride());
        Assert.Equal([2L, 1L], x.contiguous().stride());
        Assert.Throws<ExternalException>(() => (x * 2).view(6));
    }

    [Fact]
    public void An_element_does_not_depend_on_its_neighbours()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(1000, dtype: float32) * 0.013 - 5;
        Tensor all = cat([x.exp(), x.sigmoid(), x.tanh(), (x + 6).log()]);
        foreach (int i in new[] { 0, 1, 17, 500, 997, 999 })
        {
            Tensor one = x.narrow(0, i, 1);
            Tensor alone = cat([one.exp(), one.sigmoid(), one.tanh(), (one + 6).log()]);
            for (int k = 0; k < 4; k++)
                Assert.Equal(all[k * 1000 + i].ToSingle(), alone[k].ToSingle());
        }
    }

    [Fact]
    public void Functions_agree_with_the_mathematics_library()
    {
        using DisposeScope scope = NewDisposeScope();
        double[] points = [-2.5, -1e-9, 0.3, 1, 4.2];
        Tensor x = tensor(points);
        Same(x.exp(), Math.Exp);
        Same(x.tanh(), Math.Tanh);
        Same(x.sin(), Math.Sin);
        Same(x.sigmoid(), v => 1 / (1 + Math.Exp(-v)));
        Same(x.abs().log(), v => Math.Log(Math.Abs(v)));
        Same(x.abs().rsqrt(), v => 1 / Math.Sqrt(Math.Abs(v)));
        Same(x.silu(), v => v / (1 + Math.Exp(-v)));
        Same(x.sign(), v => Math.Sign(v));
        Same(x.floor(), Math.Floor);
        Same(x.round(), Math.Round);
        Same(x.pow(3), v => v * v * v);
        Same(x.log_sigmoid(), v => -Math.Log(1 + Math.Exp(-v)));
        Assert.Equal(0.84270079294971486934, tensor(1.0).erf().item<double>(), 15);
        Assert.Equal(0.99997790950300141456, tensor(3.0).erf().item<double>(), 15);
        Assert.Equal(-0.99999998458274209972, tensor(-4.0).erf().item<double>(), 15);
        Assert.Equal(1e-12 - 5e-25, tensor(1e-12).log1p().item<double>());
        Assert.Equal(1e-12 + 5e-25, tensor(1e-12).expm1().item<double>());

        void Same(Tensor t, Func<double, double> f)
        {
            double[] got = t.data<double>().ToArray();
            for (int i = 0; i < points.Length; i++)
                Assert.True(Math.Abs(got[i] - f(points[i])) <= 1e-14 * (1 + Math.Abs(f(points[i]))), $"{points[i]}: {got[i]:R}, expected {f(points[i]):R}");
        }
    }

    [Fact]
    public void Not_a_number_and_infinity_follow_the_rules_of_floating_point()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity]);
        Assert.Equal([false, true, false, false], x.isnan().data<bool>().ToArray());
        Assert.Equal([false, false, true, true], x.isinf().data<bool>().ToArray());
        Assert.Equal([true, false, false, false], x.isfinite().data<bool>().ToArray());
        Assert.True(float.IsNaN(x.max().ToSingle()));
        Assert.Equal(1L, x.argmax().item<long>());
        Assert.Equal([false, false, true, false], (x == float.PositiveInfinity).data<bool>().ToArray());
        Assert.True(float.IsNaN(x.clamp(0, 1)[1].ToSingle()));
        Assert.Equal([3L, 0L, 2L, 1L], x.argsort().data<long>().ToArray());
        Assert.False(x.Equals(x.clone()));
        Assert.True(x.allclose(x.clone(), equal_nan: true));
    }

    [Fact]
    public void Truth_values_combine_by_logic()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor([true, true, false, false]), b = tensor([true, false, true, false]);
        Assert.Equal([true, false, false, false], (a & b).data<bool>().ToArray());
        Assert.Equal([true, true, true, false], (a | b).data<bool>().ToArray());
        Assert.Equal([false, true, true, false], (a ^ b).data<bool>().ToArray());
        Assert.Equal([false, false, true, true], (~a).data<bool>().ToArray());
        Assert.Equal([true, true, true, false], (a + b).data<bool>().ToArray());
        Assert.Throws<ExternalException>(() => a - b);
        Assert.Equal([1L, 6L], (tensor([5L, 7L]) & tensor([3L, 14L])).data<long>().ToArray());
    }

    [Fact]
    public void In_place_operations_keep_the_type_or_refuse()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1L, 2L]);
        Assert.Same(x, x.add_(3));
        Assert.Equal([4L, 5L], x.data<long>().ToArray());
        Assert.Throws<ExternalException>(() => x.mul_(0.5));
        Assert.Throws<ExternalException>(() => x.div_(2));
        Assert.Throws<ExternalException>(() => x.sqrt_());
        Tensor f = ones(3);
        f.add_(tensor([1.0, 2.0, 3.0]), 2);
        Assert.Equal([3f, 5f, 7f], f.data<float>().ToArray());
        f.addcdiv_(ones(3), full(3, 4), 2).sub_(1).div_(2);
        Assert.Equal([1.25f, 2.25f, 3.25f], f.data<float>().ToArray());
        f.copy_(tensor([7L]));
        Assert.Equal([7f, 7f, 7f], f.data<float>().ToArray());
    }

    [Fact]
    public void Selection_takes_one_of_two()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(4, dtype: float32);
        Assert.Equal([9f, 9f, 2f, 3f], where(x < 2, tensor(9f), x).data<float>().ToArray());
        Assert.Equal([0f, 1f, -1f, -1f], x.masked_fill(x >= 2, -1).data<float>().ToArray());
        Assert.Equal([1L, 2L, 3L], where(x > 0)[0].data<long>().ToArray());
        Assert.Equal([2f, 3f], x.masked_select(x > 1).data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => where(x, x, x));
    }

    [Fact]
    public void Text_shows_shape_type_and_device()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal("[], type = Int64, device = cpu", tensor(5L).ToString());
        Assert.Equal("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
    }
}
