using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class ReductionTests
{
    [Theory]
    [InlineData(new long[] { 2, 3, 4 })]
    [InlineData(new long[] { 5, 1, 7 })]
    [InlineData(new long[] { 70, 40, 50 })]
    public void Sums_over_any_axes_equal_plain_loops(long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Autograd.FiniteDifferences.Values(-1, 1, 1, shape);
        double[] v = x.data<double>().ToArray();
        long[][] choices = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]];
        foreach (long[] dims in choices)
        {
            long[] kept = [.. shape.Select((s, d) => dims.Contains(d) ? 1 : s)];
            double[] expected = new double[kept.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < v.Length; i++)
            {
                long a = i / (shape[1] * shape[2]), b = i / shape[2] % shape[1], c = i % shape[2];
                expected[((a % kept[0] * kept[1]) + (b % kept[1])) * kept[2] + c % kept[2]] += v[i];
            }

            Tensor sum = x.sum(dims, keepdim: true);
            Assert.Equal(kept, sum.shape);
            double[] got = sum.data<double>().ToArray();
            for (int i = 0; i < got.Length; i++)
                Assert.Equal(expected[i], got[i], 9);
            Assert.True(allclose(x.transpose(0, 2).sum([.. dims.Select(d => 2 - d)], keepdim: true), sum.transpose(0, 2)));
            Assert.True(allclose(x.to(float32).sum(dims), x.sum(dims).to(float32), atol: 1e-3));
        }
    }

    [Fact]
    public void Long_sums_keep_their_digits()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = full(3_000_000, 0.1f);
        Assert.Equal(300_000.0045, x.sum().ToSingle(), 0.05);
        Assert.Equal(30_000.0004, x.reshape(300_000, 10).sum(0L)[3].ToSingle(), 0.05);
    }

    [Fact]
    public void Moments_match_their_definitions()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0, 4.0, 9.0]);
        Assert.Equal(4.0, x.mean().item<double>());
        Assert.Equal(38.0 / 3, x.var().item<double>(), 12);
        Assert.Equal(38.0 / 4, x.var(0, unbiased: false).item<double>(), 12);
        Assert.Equal(Math.Sqrt(38.0 / 3), x.std().item<double>(), 12);
        Assert.Equal(Math.Sqrt(102), x.norm().item<double>(), 12);
        Assert.Equal(16.0, x.norm(1f).item<double>(), 12);
        Assert.Equal(9.0, x.norm(float.PositiveInfinity).item<double>(), 12);
        Assert.True(double.IsNaN(tensor([1.0]).var().item<double>()));
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(40, 1)]
    [InlineData(3, 40)]
    [InlineData(400, 300)]
    public void Extremes_report_the_first_place(int rows, int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = (Autograd.FiniteDifferences.Values(-1, 1, 1, rows, columns) * 5).round().to(float32);
        float[] v = x.data<float>().ToArray();
        (Tensor rowMax, Tensor rowAt) = x.max(1);
        (Tensor columnMin, Tensor columnAt) = x.min(0);
        for (int i = 0; i < rows; i++)
        {
            float[] row = v[(i * columns)..((i + 1) * columns)];
            Assert.Equal(row.Max(), rowMax[i].ToSingle());
            Assert.Equal(Array.FindIndex(row, e => e == row.Max()), rowAt[i].ToInt64());
        }

        for (int k = 0; k < columns; k++)
        {
            float[] column = [.. Enumerable.Range(0, rows).Select(i => v[i * columns + k])];
            Assert.Equal(column.Min(), columnMin[k].ToSingle());
            Assert.Equal(Array.FindIndex(column, e => e == column.Min()), columnAt[k].ToInt64());
        }

        Assert.Equal(Array.FindIndex(v, e => e == v.Max()), x.argmax().item<long>());
        Assert.Throws<ExternalException>(() => zeros(0, 3).max(0));
    }

    [Fact]
    public void Truth_over_axes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([true, true, false, true]).reshape(2, 2);
        Assert.Equal([true, false], x.all(1).data<bool>().ToArray());
        Assert.Equal([true, true], x.any(1).data<bool>().ToArray());
        Assert.False(x.all().item<bool>());
        Assert.True(zeros(0).all().item<bool>());
        Assert.False(zeros(0).any().item<bool>());
        Assert.True(tensor([0f, float.NaN]).any().item<bool>());
        Assert.Equal(3L, x.count_nonzero().item<long>());
    }

    [Fact]
    public void Softmax_is_stable_and_sums_to_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1000, 1001, -1000, 3, 2, float.NegativeInfinity }, [2, 3]);
        Tensor p = x.softmax(-1);
        Assert.True(allclose(p.sum(-1), ones(2)));
        Assert.Equal(1 / (1 + MathF.Exp(-1)), p[0, 1].ToSingle(), 1e-6f);
        Assert.Equal(0f, p[1, 2].ToSingle());
        Assert.True(allclose(x.log_softmax(-1).exp(), p));
        Assert.True(allclose(x.softmax(0), x.t().softmax(1).t(), equal_nan: true));
        Assert.Equal(1001 + MathF.Log(1 + MathF.Exp(-1)), x.logsumexp(1)[0].ToSingle(), 1e-3f);
        Assert.Equal(float.NegativeInfinity, full(2, double.NegativeInfinity).logsumexp(0).ToSingle());
        Assert.Equal(float64, x.softmax(-1, float64).dtype);
        Assert.Throws<ExternalException>(() => ones(2, dtype: int64).softmax(0));
    }

    [Fact]
    public void A_row_of_softmax_does_not_depend_on_the_other_rows()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Autograd.FiniteDifferences.Values(-5, 5, 1, 300, 400).to(float32);
        Tensor all = x.log_softmax(-1);
        foreach (int i in new[] { 0, 7, 299 })
            Assert.True(x.narrow(0, i, 1).log_softmax(-1).Equals(all.narrow(0, i, 1)));
    }

    [Fact]
    public void Sorting_is_stable_and_topk_agrees_with_it()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([3f, 1f, 2f, 1f, 3f]);
        Assert.Equal([1L, 3L, 2L, 0L, 4L], x.sort().Indices.data<long>().ToArray());
        Assert.Equal([0L, 4L, 2L, 1L, 3L], x.argsort(descending: true).data<long>().ToArray());
        Tensor wide = Autograd.FiniteDifferences.Values(-1, 1, 1, 3, 500).to(float32);
        (Tensor values, Tensor at) = wide.topk(7);
        (Tensor sorted, Tensor order) = wide.sort(descending: true);
        Assert.True(values.Equals(sorted.narrow(1, 0, 7)));
        Assert.True(at.Equals(order.narrow(1, 0, 7)));
        Assert.True(wide.topk(7, largest: false).values.Equals(wide.sort().Values.narrow(1, 0, 7)));
        Assert.True(wide.sort(0).Values.Equals(wide.t().sort(1).Values.t()));
        Assert.Throws<ExternalException>(() => x.topk(6));
    }

    [Fact]
    public void Running_sums_along_axes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6).reshape(2, 3);
        Assert.Equal([0L, 1L, 3L, 3L, 7L, 12L], x.cumsum(1).data<long>().ToArray());
        Assert.Equal([0L, 1L, 2L, 3L, 5L, 7L], x.cumsum(0).data<long>().ToArray());
    }
}
