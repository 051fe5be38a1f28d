using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class TypeTests
{
    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.Float64, ScalarType.Float64)]
    [InlineData(ScalarType.Int64, ScalarType.Float32, ScalarType.Float32)]
    [InlineData(ScalarType.Int64, ScalarType.Float16, ScalarType.Float16)]
    [InlineData(ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float32)]
    [InlineData(ScalarType.Byte, ScalarType.Int8, ScalarType.Int16)]
    [InlineData(ScalarType.Byte, ScalarType.Int32, ScalarType.Int32)]
    [InlineData(ScalarType.Int8, ScalarType.Int16, ScalarType.Int16)]
    [InlineData(ScalarType.Bool, ScalarType.Byte, ScalarType.Byte)]
    public void Types_promote_as_in_PyTorch(ScalarType a, ScalarType b, ScalarType expected)
    {
        Assert.Equal(expected, promote_types(a, b));
        Assert.Equal(expected, promote_types(b, a));
    }

    [Fact]
    public void Zero_dimensional_tensors_and_scalars_do_not_promote_within_their_category()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(float32, (ones(2) * tensor(2.0)).dtype);
        Assert.Equal(float32, (ones(2) * 2.0).dtype);
        Assert.Equal(int32, (ones(2, dtype: int32) * 2L).dtype);
        Assert.Equal(float32, (ones(2, dtype: int64) * 2.5).dtype);
        Assert.Equal(float64, (tensor(1.0f) * tensor(2.0)).dtype);
        Assert.Equal(float64, (ones(2, dtype: int64) * tensor(2.0)).dtype);
        Assert.Equal(int64, (ones(2, dtype: @bool) + 1).dtype);
        Assert.Equal(bfloat16, (ones(2, dtype: bfloat16) * 2.0).dtype);
    }

    [Fact]
    public void Division_of_whole_numbers_is_true_division()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor r = tensor([7L, -7L]) / 2;
        Assert.Equal([3.5f, -3.5f], r.data<float>().ToArray());
        Assert.Equal([3L, -4L], tensor([7L, -7L]).div(2, RoundingMode.floor).data<long>().ToArray());
        Assert.Equal([3L, -3L], tensor([7L, -7L]).div(2, RoundingMode.trunc).data<long>().ToArray());
        Assert.Equal([1L, 1L], (tensor([7L, -7L]) % 2).data<long>().ToArray());
    }

    [Fact]
    public void Sums_of_whole_numbers_and_truth_values_are_int64()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(300L, full(3, 100, dtype: int8).sum().item<long>());
        Assert.Equal(2L, tensor([true, false, true]).sum().item<long>());
        Assert.Equal(int64, ones(3, dtype: int32).cumsum(0).dtype);
        Assert.Throws<ExternalException>(() => ones(3, dtype: int64).mean());
    }

    [Fact]
    public void Conversions_between_all_types_keep_small_whole_numbers()
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType[] types = [float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8];
        foreach (ScalarType a in types)
        {
            foreach (ScalarType b in types)
            {
                Tensor x = tensor([0L, 1L, 2L, 100L]).to(a).to(b);
                Assert.Equal(b, x.dtype);
                Assert.Equal([0L, 1L, 2L, 100L], x.to(int64).data<long>().ToArray());
            }
        }

        Assert.Equal([false, true, true], tensor([0f, -0.5f, float.NaN]).to(@bool).data<bool>().ToArray());
        Assert.Equal([1f, 0f], tensor([true, false]).to(float32).data<float>().ToArray());
        Assert.Equal([-1L, 1L], tensor([-1.9f, 1.9f]).to(int64).data<long>().ToArray());
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even()
    {
        Assert.Equal(1f, new BFloat16(1.00390625f).ToSingle()); // halfway, even below
        Assert.Equal(1.015625f, new BFloat16(1.01171875f).ToSingle()); // halfway, even above
        Assert.True(BFloat16.IsNaN(new BFloat16(float.NaN)));
        Assert.Equal(float.PositiveInfinity, new BFloat16(float.MaxValue).ToSingle());
        Assert.Equal(-2.5f, (-new BFloat16(2.5f)).ToSingle());
    }

    [Fact]
    public void Sixteen_bit_arithmetic_rounds_once_from_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor([1.5f, 2.25f, -3f]).to(bfloat16), b = tensor([0.5f, 4f, 2f]).to(bfloat16);
        Assert.Equal([2f, 6.25f, -1f], (a + b).to(float32).data<float>().ToArray());
        Assert.Equal([0.75f, 9f, -6f], (a * b).to(float32).data<float>().ToArray());
        Assert.Equal(new BFloat16(MathF.Exp(1.5f)), a.exp().data<BFloat16>()[0]);
        Assert.Equal(0.75f, a.sum().ToSingle());
        Assert.Equal(2.25f, a.max().ToSingle());
        Assert.Equal([1L, 0L, 2L], a.argsort(descending: true).data<long>().ToArray());
        Assert.Equal(bfloat16, a.unsqueeze(0).mm(b.unsqueeze(1)).dtype);
    }

    [Fact]
    public void Another_device_than_the_processor_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.False(cuda.is_available());
        Assert.Equal("cpu", ones(1).device.ToString());
        Assert.Equal(DeviceType.CPU, ones(1).to("cpu").device_type);
        Exception e = Assert.ThrowsAny<Exception>(() => ones(1).to("cuda:0"));
        Assert.Contains(Backend.IsEmbedded ? "Backend=cuda" : "LoadNativeBackend", e.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => zeros(2, device: new Device("cuda")));
    }

    [Fact]
    public void Conversion_to_the_same_type_is_another_handle_to_the_same_memory()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2), y = x.to(float32);
        y.add_(1);
        Assert.Equal(2f, x[0].ToSingle());
        Assert.Equal(1f, ones(2).to(float32, copy: true)[0].ToSingle());
    }

    [Fact]
    public void Limits_of_types_are_those_of_the_formats()
    {
        Assert.Equal(1.1920928955078125e-07, finfo(float32).eps);
        Assert.Equal(65504, finfo(float16).max);
        Assert.Equal(2.2250738585072014e-308, finfo(float64).tiny);
        Assert.Equal(0.0078125, finfo(bfloat16).eps);
    }
}
