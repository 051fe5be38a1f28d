using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class IndexTests
{
    [Fact]
    public void Index_tensors_pick_and_broadcast()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(24).reshape(2, 3, 4);
        Tensor rows = tensor([1L, 0L]).unsqueeze(1), columns = tensor([0L, 2L, -1L]);
        Tensor r = x[TensorIndex.Tensor(rows), TensorIndex.Tensor(columns)];
        Assert.Equal([2L, 3L, 4L], r.shape);
        Assert.Equal(x[1, 2].data<long>().ToArray(), r[0, 2].data<long>().ToArray());

        // neighbouring index axes stay in place, separated ones move to the front
        Assert.Equal([2L, 5L, 4L], x[TensorIndex.Colon, TensorIndex.Tensor(zeros(5, dtype: int64))].shape);
        Assert.Equal([5L, 3L], x[TensorIndex.Tensor(zeros(5, dtype: int64)), TensorIndex.Colon, TensorIndex.Tensor(zeros(5, dtype: int64))].shape);
        Assert.Equal([12L, 15L], x[TensorIndex.Single(1), TensorIndex.Single(0), TensorIndex.Tensor(tensor([0L, 3L]))].data<long>().ToArray());
        Assert.Throws<ExternalException>(() => x[TensorIndex.Tensor(tensor([2L]))]);
    }

    [Fact]
    public void Masks_select_and_assign()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6, dtype: float32).reshape(2, 3);
        Assert.Equal([4f, 5f], x[TensorIndex.Tensor(x > 3)].data<float>().ToArray());
        x[TensorIndex.Tensor(x > 3)] = tensor(0f);
        x[TensorIndex.Tensor(tensor([false, true])), TensorIndex.Slice(0, 1)] = tensor(-1f);
        Assert.Equal([0f, 1f, 2f, -1f, 0f, 0f], x.data<float>().ToArray());
    }

    [Fact]
    public void New_axes_and_ellipsis_shape_the_view()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(24).reshape(2, 3, 4);
        Assert.Equal([2L, 1L, 3L, 4L], x[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([2L, 3L], x[TensorIndex.Ellipsis, TensorIndex.Single(0)].shape);
        Assert.Equal([2L, 3L, 1L, 2L], x[TensorIndex.Ellipsis, TensorIndex.None, TensorIndex.Slice(0, 2)].shape);
    }

    [Fact]
    public void Index_put_writes_through_views_and_adds_repeated_places()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(3, 2);
        x.t().index_put_(tensor(new float[] { 1, 2 }), TensorIndex.Tensor(tensor([0L, 1L])), TensorIndex.Tensor(tensor([2L, 2L])));
        Assert.Equal([0f, 0f, 0f, 0f, 1f, 2f], x.data<float>().ToArray());
        Tensor sum = zeros(3);
        sum.index_put_(ones(4), [TensorIndex.Tensor(tensor([0L, 2L, 2L, 2L]))], accumulate: true);
        Assert.Equal([1f, 0f, 3f], sum.data<float>().ToArray());
        sum.index_put_(ones(1), TensorIndex.Tensor(tensor([1L, 2L])));
        Assert.Equal([1f, 1f, 1f], sum.data<float>().ToArray());
    }

    [Fact]
    public void Rows_are_gathered_and_scattered_by_position()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6, dtype: float32).reshape(3, 2);
        Assert.Equal([4f, 5f, 0f, 1f], x.index_select(0, tensor([2L, 0L])).data<float>().ToArray());
        Assert.Equal([1f, 0f, 3f, 2f, 5f, 4f], x.index_select(1, tensor([1, 0])).data<float>().ToArray());
        Assert.Equal([0f, 3f, 4f], x.gather(1, tensor([0L, 1L, 0L]).unsqueeze(1)).squeeze(1).data<float>().ToArray());
        Assert.Equal([0f, 9f, 2f, 3f, 9f, 5f], x.scatter(0, tensor([2L, 0L]).unsqueeze(0), full(1, 2, 9f)).data<float>().ToArray());
        Assert.Equal([3f, 7f, 2f, 3f, 4f, 5f], x.scatter_add(0, zeros(2, 2, dtype: int64), tensor(new float[] { 1, 2, 2, 4 }, [2, 2])).data<float>().ToArray());
        Assert.Equal([4f, 2f], x.take(tensor([4L, 2L])).data<float>().ToArray());
        Assert.Throws<ExternalException>(() => x.index_select(0, tensor([3L])));
        Assert.Throws<ExternalException>(() => x.gather(1, tensor([0L])));
        Assert.Throws<ExternalException>(() => x.index_select(0, tensor([1f])));
    }

    [Fact]
    public void Large_scattered_sums_do_not_depend_on_threads()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = Autograd.FiniteDifferences.Values(-1, 1, 1, 2000, 64).to(float32);
        Tensor index = (arange(2000) * 7) % 13;
        Tensor sums = zeros(13, 64).index_add(0, index, values, 1);
        float[] v = values.data<float>().ToArray();
        float[] expected = new float[13 * 64];
        for (int i = 0; i < 2000; i++)
        {
            for (int k = 0; k < 64; k++)
                expected[i * 7 % 13 * 64 + k] += v[i * 64 + k];
        }

        Assert.Equal(expected, sums.data<float>().ToArray());
    }

    [Fact]
    public void Slices_are_copied_in_place()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(3, 4);
        x.index_copy_(1, tensor([3L, 0L]), tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [3, 2]));
        Assert.Equal([2f, 0f, 0f, 1f, 4f, 0f, 0f, 3f, 6f, 0f, 0f, 5f], x.data<float>().ToArray());
        x.t().index_copy_(0, tensor([1L]), ones(1, 3));
        Assert.Equal([1f, 1f, 1f], x.select(1, 1).data<float>().ToArray());
        x.index_fill_(0, tensor([0L, 2L]), 7);
        Assert.Equal([7f, 7f, 7f, 7f, 4f, 1f, 0f, 3f, 7f, 7f, 7f, 7f], x.data<float>().ToArray());
        Assert.Throws<ExternalException>(() => x.index_copy_(0, tensor([3L]), ones(1, 4)));
    }

    [Fact]
    public void Large_permuted_copies_place_every_element()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(3 * 50 * 70).reshape(3, 50, 70);
        long[] got = x.permute(2, 0, 1).contiguous().data<long>().ToArray();
        float[] floats = x.to(float32).transpose(1, 2).contiguous().data<float>().ToArray();
        for (int a = 0; a < 3; a++)
        {
            for (int b = 0; b < 50; b++)
            {
                for (int c = 0; c < 70; c++)
                {
                    Assert.Equal((a * 50 + b) * 70 + c, got[(c * 3 + a) * 50 + b]);
                    Assert.Equal((a * 50 + b) * 70 + c, floats[(a * 70 + c) * 50 + b]);
                }
            }
        }
    }
}
