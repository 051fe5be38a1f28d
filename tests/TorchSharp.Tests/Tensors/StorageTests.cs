using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class StorageTests
{
    [Fact]
    public void Views_share_memory_with_their_source()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(3, 4);
        x.t()[1].add_(1);
        x.view(2, 6)[1, 5] = 7f;
        x.narrow(1, 2, 2).select(0, 0).fill_(3);
        x[TensorIndex.Slice(1, 3), TensorIndex.Single(0)] = -1f;
        float[] expected = [0, 1, 3, 3, -1, 1, 0, 0, -1, 1, 0, 7];
        Assert.Equal(expected, x.data<float>().ToArray());
    }

    [Fact]
    public void A_clone_has_its_own_memory()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3), y = x.clone();
        x.zero_();
        Assert.Equal([1f, 1f, 1f], y.data<float>().ToArray());
    }

    [Fact]
    public void A_view_outlives_its_source()
    {
        Tensor x = arange(10);
        Tensor v = x.narrow(0, 4, 3);
        x.Dispose();
        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x.sum());
        Assert.Equal([4L, 5L, 6L], v.data<long>().ToArray());
        v.Dispose();
    }

    [Fact]
    public void As_tensor_shares_the_array_and_tensor_copies_it()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = [1, 2, 3];
        Tensor shared = as_tensor(values), copy = tensor(values);
        values[0] = 9;
        Assert.Equal(9f, shared[0].item<float>());
        Assert.Equal(1f, copy[0].item<float>());
    }

    [Fact]
    public void Bytes_read_and_write_the_memory_of_contiguous_tensors_only()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        Assert.Equal(16, x.bytes.Length);
        x.bytes = BitConverter.GetBytes(5f).Concat(BitConverter.GetBytes(6f)).Concat(new byte[8]).ToArray();
        Assert.Equal([5f, 6f, 0f, 0f], x.data<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => x.t().bytes.Length);
        Assert.Throws<ArgumentException>(() => x.bytes = new byte[3]);
    }

    [Fact]
    public void Item_and_data_need_the_exact_type()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(1.5);
        Assert.Equal(1.5, x.item<double>());
        Assert.Throws<ArgumentException>(() => x.item<float>());
        Assert.Throws<ArgumentException>(() => x.data<long>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
        Assert.Equal(1.5f, x.ToSingle());
    }

    [Fact]
    public void Save_and_load_keep_type_shape_and_elements()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor view = arange(6, dtype: float64).reshape(2, 3).t(), x = view.contiguous();
        Assert.Throws<InvalidOperationException>(() => view.Save(Stream.Null));
        using var stream = new MemoryStream();
        x.Save(stream);
        using var saved = new MemoryStream(stream.ToArray());
        Tensor y = Tensor.Load(saved);
        Assert.Equal([3L, 2L], y.shape);
        Assert.True(x.Equals(y));
    }

    [Fact]
    public void Elements_are_written_by_as_many_indices_as_there_are_dimensions()
    {
        using Tensor x = zeros(2, 3);
        x.data<float>()[1, 2] = 5;
        Assert.Equal(5f, x.data<float>()[5]); // read in row-major order by one
        Assert.Throws<IndexOutOfRangeException>(() => x.data<float>()[5] = 1);
    }
}
