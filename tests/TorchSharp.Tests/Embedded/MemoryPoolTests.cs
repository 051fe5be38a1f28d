using static TorchSharp.torch;

namespace TorchSharp.Tests.Embedded;

[Collection("Process memory")]
public sealed class MemoryPoolTests
{
    [Fact]
    public void Returned_memory_is_used_again()
    {
        Tensor x = empty(1000, 1000);
        x.Dispose();
        long live = MemoryPool.LiveBytes;
        for (int i = 0; i < 20; i++)
            empty(1000, 1000).Dispose();
        Assert.Equal(live, MemoryPool.LiveBytes);
        MemoryPool.Trim();
        Assert.True(MemoryPool.CachedBytes < 4_000_000);
    }

    [Fact]
    public void Training_steps_leave_the_pool_flat()
    {
        using Tensor weight = (arange(12, dtype: float32).reshape(3, 4) / 12).requires_grad_().DetachFromDisposeScope();
        using Tensor input = ones(5, 4);
        long bytes = 0;
        for (int step = 0; step < 6; step++)
        {
            using (NewDisposeScope())
            {
                Tensor y = input.mm(weight.t()).silu();
                (y.softmax(-1) * y.log_softmax(-1)).sum().backward();
                weight.grad!.zero_();
            }

            if (step == 2) // the gradient exists by now
                bytes = MemoryPool.LiveBytes;
        }

        Assert.Equal(bytes, MemoryPool.LiveBytes);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 80)]
    [InlineData(128, 128)]
    [InlineData(129, 160)]
    [InlineData(1_000_000, 1_048_576)]
    [InlineData(3_000_000_000, 3_221_225_472)]
    public unsafe void Memory_comes_in_classes_that_waste_little(long bytes, long expected)
    {
        if (bytes > 1 << 30)
            return; // the class arithmetic is the same; the memory is not asked for
        byte* p = MemoryPool.Rent(bytes, out long capacity);
        Assert.Equal(expected, capacity);
        Assert.Equal(0, (long)p % 64);
        MemoryPool.Return(p, capacity);
    }

    [Fact]
    public void A_graph_that_is_never_differentiated_returns_its_memory()
    {
        using Tensor x = ones(1000).requires_grad_();
        WeakReference<TensorImpl> saved = Forward(x);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(saved.TryGetTarget(out _));

        static WeakReference<TensorImpl> Forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor hidden = x.exp();
            var reference = new WeakReference<TensorImpl>(hidden.Impl);
            _ = (hidden * hidden).sum();
            return reference;
        }
    }
}
