using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

/// <summary>These read counters of the whole process, so nothing else may run beside them.</summary>
[CollectionDefinition("Process memory", DisableParallelization = true)]
public sealed class ProcessMemory;

[Collection("Process memory")]
public class ProcessMemoryTests
{
    [Fact]
    public void Training_steps_leave_the_live_count_flat()
    {
        using Tensor weight = (arange(12, dtype: float32).reshape(3, 4) / 12).requires_grad_().DetachFromDisposeScope();
        using Tensor input = ones(5, 4);
        ThreadDisposeScopeStatistics counters = DisposeScopeManager.Statistics;
        long live = 0;
        for (int step = 0; step < 6; step++)
        {
            using (NewDisposeScope())
            {
                Tensor y = input.mm(weight.t()).silu();
                Tensor loss = (y.softmax(-1) * y.log_softmax(-1)).sum() + y.var();
                loss.backward();
                using (no_grad())
                {
                    weight.sub_(weight.grad! * 0.1);
                    weight.grad!.zero_();
                }
            }

            if (step == 2) // the gradient exists by now
                live = counters.ThreadTotalLiveCount;
        }

        Assert.Equal(live, counters.ThreadTotalLiveCount);
    }

    [Fact]
    public void Forgotten_tensors_are_returned_by_the_finalizer()
    {
        long before = Tensor.TotalCount;
        Forget();
        for (int i = 0; i < 20 && Tensor.TotalCount > before + 50; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(Tensor.TotalCount < before + 50);

        static void Forget()
        {
            for (int i = 0; i < 100; i++)
                _ = ones(10);
        }
    }

    [Fact]
    public void Temporaries_are_not_collected_while_an_operation_reads_them()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using Tensor x = arange(20_000, dtype: float32), mask = x > 100;
            using Tensor leaf = ones(20_000).requires_grad_();
            for (int i = 0; i < 300; i++)
            {
                // nobody holds the intermediate results
                float sum = (x.clone() * 2 + x.abs()).copy_(x.clone()).masked_fill_(x.le(100), 0).index_copy_(0, arange(10), zeros(10)).sub(x.neg()).sum().ToSingle();
                Assert.Equal(399_980_000f - 5050, sum, 64f);
                ((leaf * 3).exp().log() * x.clone()).sum().backward();
                Assert.Equal(3f * 7, leaf.grad![7].ToSingle(), 1e-4f);
                leaf.grad = null;
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
