using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class ShapeTests
{
    [Fact]
    public void A_view_needs_compatible_strides_and_reshape_copies_if_it_must()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(24).reshape(2, 3, 4);
        Assert.Equal([4L, 6L], x.view(4, -1).shape);
        Assert.Throws<ExternalException>(() => x.transpose(0, 1).view(24));
        Assert.Equal([2L, 4L, 3L], x.transpose(1, 2).view(2, 4, 3).shape);
        Assert.Equal([2L, 2L, 2L, 3L], x.transpose(1, 2).view(2, 2, 2, 3).shape); // splitting an axis is possible
        Assert.Equal([0L, 12L, 1L, 13L], x.permute(1, 2, 0).reshape(-1).narrow(0, 0, 4).data<long>().ToArray());
        Assert.Throws<ExternalException>(() => x.reshape(5, -1));
        Assert.Equal([3L, 8L], x.narrow(0, 0, 2).transpose(0, 1).reshape(3, 8).shape);
    }

    [Fact]
    public void Axes_move_as_named()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(2, 3, 4);
        Assert.Equal([4L, 2L, 3L], x.permute(2, 0, 1).shape);
        Assert.Equal([3L, 4L, 2L], x.movedim([0], [-1]).shape);
        Assert.Equal([2L, 4L, 3L], x.mT.shape);
        Assert.Equal([2L, 1L, 3L, 4L], x.unsqueeze(1).shape);
        Assert.Equal([2L, 3L, 4L, 1L], x.unsqueeze(-1).shape);
        Assert.Equal([2L, 3L], zeros(1, 2, 1, 3).squeeze().shape);
        Assert.Equal([1L, 2L, 3L], zeros(1, 2, 1, 3).squeeze(2).shape);
        Assert.Equal([1L, 2L, 3L], zeros(1, 2, 3).squeeze(1).shape);
        Assert.Equal([2L, 12L], x.flatten(1).shape);
        Assert.Equal([6L, 4L], x.flatten(0, 1).shape);
        Assert.Equal([2L, 3L, 2L, 2L], x.unflatten(2, 2, -1).shape);
        Assert.Throws<ExternalException>(() => x.transpose(0, 3));
        Assert.Throws<ExternalException>(() => x.permute(0, 0, 1));
    }

    [Fact]
    public void Expansion_repeats_without_memory()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1L, 2L]).unsqueeze(1).expand(2, 3);
        Assert.Equal([1L, 0L], x.stride());
        Assert.Equal([1L, 1L, 1L, 2L, 2L, 2L], x.data<long>().ToArray());
        Assert.Equal([4L, 2L, 3L], x.expand(4, -1, 3).shape);
        Assert.Throws<ExternalException>(() => ones(2, 3).expand(4, 3));
    }

    [Fact]
    public void Slices_follow_the_rules_of_ranges()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(10);
        Assert.Equal([2L, 5L, 8L], x.slice(0, 2, 10, 3).data<long>().ToArray());
        Assert.Equal([7L, 8L, 9L], x[TensorIndex.Slice(-3)].data<long>().ToArray());
        Assert.Equal([0L, 1L], x[TensorIndex.Slice(stop: 2)].data<long>().ToArray());
        Assert.Equal([2L, 3L], x[2..4].data<long>().ToArray());
        Assert.Equal([7L, 8L], x[^3..^1].data<long>().ToArray());
        Assert.Equal(0L, x[TensorIndex.Slice(8, 3)].numel());
        Assert.Equal(9L, x[-1].item<long>());
        Assert.Throws<ExternalException>(() => x[10]);
        Assert.Throws<ExternalException>(() => x.narrow(0, 8, 3));
    }

    [Fact]
    public void Pieces_of_an_axis_add_up_to_it()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(10);
        Assert.Equal([4L, 4L, 2L], x.split(4).Select(t => t.numel()));
        Assert.Equal([1L, 9L], x.split([1L, 9L]).Select(t => t.numel()));
        Assert.Equal([4L, 4L, 2L], x.chunk(3).Select(t => t.numel()));
        Assert.Equal([4L, 3L, 3L], x.tensor_split(3).Select(t => t.numel()));
        Assert.Equal([0L, 1L, 2L], arange(3).unbind().Select(t => t.item<long>()));
        Assert.Throws<ExternalException>(() => x.split([3L, 3L]));
    }

    [Fact]
    public void Joining_promotes_and_checks_shapes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor r = cat([ones(2, 1, dtype: int64), zeros(2, 2)], 1);
        Assert.Equal(float32, r.dtype);
        Assert.Equal([1f, 0f, 0f, 1f, 0f, 0f], r.data<float>().ToArray());
        Assert.Equal([2L, 3L], cat([empty(0), ones(2, 3)]).shape);
        Assert.Equal([3L, 2L], stack([ones(3), zeros(3)], -1).shape);
        Assert.Equal([2L, 3L], vstack([ones(3), zeros(3)]).shape);
        Assert.Equal([6L], hstack(ones(3), zeros(3)).shape);
        Assert.Throws<ExternalException>(() => cat([ones(2, 3), ones(3, 2)], 1));
        Assert.Throws<ExternalException>(() => stack([ones(2), ones(3)]));
    }

    [Fact]
    public void Rearrangements_put_elements_in_their_places()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(3);
        Assert.Equal([0L, 1L, 2L, 0L, 1L, 2L], x.repeat(2).data<long>().ToArray());
        Assert.Equal([0L, 0L, 1L, 1L, 2L, 2L], x.repeat_interleave(2).data<long>().ToArray());
        Assert.Equal([1L, 2L, 2L], x.repeat_interleave(tensor([0L, 1L, 2L])).data<long>().ToArray());
        Assert.Equal([2L, 1L, 0L], x.flip(0).data<long>().ToArray());
        Assert.Equal([2L, 0L, 1L], x.roll(1, 0).data<long>().ToArray());
        Assert.Equal([1L, 2L, 0L], x.roll(-1).data<long>().ToArray());
        Assert.Equal([1f, 0f, 1f, 1f], ones(2, 2).tril().data<float>().ToArray());
        Assert.Equal([0f, 1f, 0f, 0f], ones(2, 2).triu(1).data<float>().ToArray());
        Assert.Equal([0L, 1L, 0L, 0L, 0L, 2L, 0L, 0L, 0L], tensor([1L, 2L]).diag(1).data<long>().ToArray());
        Assert.Equal([0L, 0L, 0L, 1L, 0L, 0L, 0L, 2L, 0L], tensor([1L, 2L]).diag(-1).data<long>().ToArray());
        Assert.Equal([1L, 5L], arange(9).reshape(3, 3).diagonal(1).data<long>().ToArray());
        Tensor one = ones(2);
        one.repeat(1).zero_();
        Assert.Equal(1f, one[0].ToSingle()); // a copy even when nothing repeats
    }

    [Fact]
    public void Factories_make_what_they_say()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal([1f, 0f, 0f, 0f, 1f, 0f], eye(2, 3).data<float>().ToArray());
        Assert.Equal([2L, 5L, 8L], arange(2, 10, 3).data<long>().ToArray());
        Assert.Equal([1f, 0.5f], arange(1.0, 0.0, -0.5).data<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], linspace(0, 1, 3).data<float>().ToArray());
        Assert.Equal(int64, full(2, 3).dtype);
        Assert.Equal(float32, full(2, 3.0).dtype);
        Assert.Equal([2L, 2L], tensor(new long[,] { { 1, 2 }, { 3, 4 } }).shape);
        Assert.Equal([4L, 3L], tensor(new long[,] { { 1, 2 }, { 3, 4 } }).flip(0, 1)[0].data<long>().ToArray());
        Assert.Equal([2L, 1L], tensor(new float[] { 1, 2 }, [2, 1]).shape);
        Assert.Equal(float64, tensor(1.0).dtype);
        Assert.Equal(float32, tensor(1f).dtype);
        Assert.Equal(@bool, tensor([true]).dtype);
        Assert.Equal(0L, tensor(5).ndim);
        Assert.Throws<ArgumentException>(() => tensor(new float[] { 1, 2 }, [3]));
        Assert.True(ones(2, requires_grad: true).requires_grad);
        Assert.Equal(0L, zeros(0, 5).sum().item<float>());
    }
}
