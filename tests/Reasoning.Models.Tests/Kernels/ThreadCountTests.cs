using Reasoning.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Embedded;

[Collection("Thread count")]
public sealed class ThreadCountTests
{
    [Fact]
    public void The_norm_of_large_gradients_is_independent_of_the_thread_count()
    {
        using Parameter parameter = Samples.FloatParameter(1, 300_001);
        parameter.grad = Samples.Floats(2, 300_001);
        double norm = nn.utils.clip_grad_norm_([parameter], 1e9);
        int threads = Workers.Count;
        try
        {
            Workers.Count = 1;
            Assert.Equal(norm, nn.utils.clip_grad_norm_([parameter], 1e9));
            Workers.Count = 5;
            Assert.Equal(norm, nn.utils.clip_grad_norm_([parameter], 1e9));
        }
        finally
        {
            Workers.Count = threads;
        }
    }

    [Fact]
    public void Gradients_do_not_depend_on_the_number_of_threads()
    {
        int threads = get_num_threads();
        try
        {
            set_num_threads(1);
            float[] one = Run();
            set_num_threads(3);
            Assert.Equal(one, Run());
        }
        finally
        {
            set_num_threads(threads);
        }

        static float[] Run()
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = Autograd.FiniteDifferences.Values(-1, 1, 3, 700, 300).to(float32).requires_grad_();
            Tensor w = Autograd.FiniteDifferences.Values(-1, 1, 4, 300, 200).to(float32).requires_grad_();
            Tensor h = x.mm(w).silu();
            (h.log_softmax(-1).mean() + h.sum(0L).square().sum() + x.var()).backward();
            return [.. x.grad!.data<float>().ToArray(), .. w.grad!.data<float>().ToArray()];
        }
    }
}
