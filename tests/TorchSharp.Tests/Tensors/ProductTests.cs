using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class ProductTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 4, 5)]
    [InlineData(1, 7, 3)]
    [InlineData(6, 1, 2)]
    [InlineData(65, 33, 129)]
    public void Products_of_all_layouts_equal_plain_loops(int n, int k, int m)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = Autograd.FiniteDifferences.Values(-1, 1, 1, n, k), b = Autograd.FiniteDifferences.Values(-1, 1, 2, k, m);
        Tensor expected = (a.unsqueeze(2) * b.unsqueeze(0)).sum(1);
        Tensor[] lefts = [a, a.t().contiguous().t(), cat([a, a], 1).narrow(1, k, k), cat([a, a], 0).slice(0, 0, 2 * n, 1).narrow(0, n, n), stack([a, a], 2).select(2, 1)];
        Tensor[] rights = [b, b.t().contiguous().t(), cat([b, b], 1).narrow(1, m, m), stack([b, b], 2).select(2, 1)];
        foreach (Tensor x in lefts)
        {
            foreach (Tensor y in rights)
            {
                Assert.True(allclose(x.mm(y), expected, atol: 1e-12));
                Assert.True(allclose(x.to(float32).mm(y.to(float32)).to(float64), expected, rtol: 1e-3, atol: 1e-4));
                Assert.True(allclose(stack([x, -x]).bmm(stack([y, y]))[1], -expected, atol: 1e-12));
            }
        }
    }

    [Fact]
    public void Expanded_operands_are_multiplied()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = arange(3, dtype: float32).unsqueeze(0).expand(4, 3), b = ones(1, 1).expand(3, 2);
        Assert.Equal([3f, 3f, 3f, 3f, 3f, 3f, 3f, 3f], a.mm(b).data<float>().ToArray());
        Tensor batch = ones(3, 2).expand(5, 3, 2);
        Assert.Equal([5L, 3L, 3L], batch.bmm(batch.mT).shape);
        Assert.Equal(2f, batch.bmm(batch.mT)[4, 2, 1].ToSingle());
    }

    [Fact]
    public void Matmul_covers_vectors_and_batches()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor v = arange(3, dtype: float32), a = arange(6, dtype: float32).reshape(2, 3);
        Assert.Equal(5f, v.matmul(v).ToSingle());
        Assert.Equal([5f, 14f], a.matmul(v).data<float>().ToArray());
        Assert.Equal([2L], a.T.matmul(ones(2, 1)).squeeze(1).narrow(0, 0, 2).shape);
        Assert.Equal([3L], ones(2).matmul(a).shape);
        Assert.Equal([5L, 4L, 2L, 2L], ones(5, 1, 2, 3).matmul(ones(4, 3, 2)).shape);
        Assert.Equal([5L, 2L, 4L], ones(5, 2, 3).matmul(ones(3, 4)).shape);
        Assert.Equal([0L, 4L], ones(0, 3).mm(ones(3, 4)).shape);
        Assert.Equal([0f, 0f], ones(1, 0).mm(ones(0, 2)).data<float>().ToArray());
    }

    [Fact]
    public void Shapes_and_types_that_do_not_fit_are_reported()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(3, 2, dtype: float64)));
        Assert.Throws<ExternalException>(() => ones(2, 3, 1).bmm(ones(3, 1, 2)));
        Assert.Throws<InvalidOperationException>(() => ones(3).dot(ones(2)));
        if (Backend.IsEmbedded)
            Assert.Throws<NotSupportedException>(() => ones(2, 2, dtype: int64).mm(ones(2, 2, dtype: int64)));
    }

    [Fact]
    public void Sums_of_products_take_their_factors()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor c = full(2, 2, 10f), a = ones(2, 3), b = ones(3, 2);
        Assert.Equal(23f, addmm(c, a, b, 2, 1)[0, 0].ToSingle());
        Assert.Equal(6f, c.addmm(a, b, 0, 2)[1, 1].ToSingle());
    }

    [Fact]
    public void A_product_is_added_in_place()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = Autograd.FiniteDifferences.Values(-1, 1, 1, 5, 7), b = Autograd.FiniteDifferences.Values(-1, 1, 2, 7, 3);
        Tensor wide = ones(5, 6, dtype: float64), slot = wide.narrow(1, 2, 3);
        slot.addmm_(a, b);
        Assert.True(allclose(slot, a.mm(b) + 1, atol: 1e-12));
        Assert.Equal(1.0, wide[4, 5].item<double>());
        Tensor column = ones(3, 5, dtype: float64).t();
        column.addmm_(a, b, beta: 2, alpha: 0.5f);
        Assert.True(allclose(column, a.mm(b) * 0.5 + 2, atol: 1e-12));
        Tensor square = eye(3, dtype: float64);
        square.addmm_(square, square);
        Assert.Equal(2.0, square[1, 1].item<double>());
    }
}
