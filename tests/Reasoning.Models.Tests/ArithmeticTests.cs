using Reasoning.Models.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests;

/// <summary>Arithmetic with numbers that are held while libtorch reads them.</summary>
public sealed class ArithmeticTests
{
    [Fact]
    public void It_computes_what_the_operators_do()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([0.1f, -2.7f, 3e7f]), y = tensor([1 / 3f, 5f, -1f]);
        Same(x + y, x.Plus(y));
        Same(x + 0.3, x.Plus(0.3));
        Same(x - 0.3, x.Minus(0.3));
        Same(x * 0.3, x.Times(0.3));
        Same(x / 0.3, x.DividedBy(0.3));
        Same(x.clone().add_(y), x.clone().AddInPlace(y));
        Same(x.clone().add_(y, 0.3), x.clone().AddInPlace(y, 0.3));
        Same(x.clone().add_(0.3), x.clone().AddInPlace(0.3));
        Same(arange(5, dtype: ScalarType.Float32), Arithmetic.Range(5, ScalarType.Float32, CPU));
        Same(tensor([0f, 2, 0]), zeros(3).AddRowsInPlace(tensor([1L, 1]), ones(2)));
        Assert.Equal([3L, 4], tensor([2L, 3]).AddInPlace(1).data<long>());

        static void Same(Tensor expected, Tensor actual)
        {
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(Floats.Of(expected), Floats.Of(actual));
        }
    }

    /// <summary>
    /// With TorchSharp's operators in the place of these, nearly every run of this test fails: numbers are freed while libtorch reads them.
    /// </summary>
    [Fact]
    public void Numbers_live_while_others_collect_garbage()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        string? fault = null;
        long rounds = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Compute)), new(Collect)];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(fault);
        Assert.True(rounds > 100, $"{rounds} rounds in three seconds");

        void Compute()
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = ones(64), y = ones(64);
            while (!stop.IsCancellationRequested && fault is null)
            {
                using DisposeScope inner = NewDisposeScope();
                try
                {
                    float[] values = Floats.Of(x.Plus(y).Times(2.5).Minus(0.25).DividedBy(0.5).AddInPlace(y, 3).AddInPlace(x).AddInPlace(0.5));
                    if (values.Distinct().ToArray() is not [14]) fault = string.Join(' ', values);
                    Interlocked.Increment(ref rounds);
                }
                catch (Exception error)
                {
                    fault = error.Message;
                }
            }
        }

        void Collect()
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        }
    }
}
