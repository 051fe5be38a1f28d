using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Autograd;

public class GraphTests
{
    [Fact]
    public void Gradients_accumulate_in_leaves()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(3.0, requires_grad: true);
        (x * x).backward();
        (x * x).backward();
        Assert.Equal(12.0, x.grad!.item<double>());
        x.grad!.zero_();
        (x * 5).backward();
        Assert.Equal(5.0, x.grad!.item<double>());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void A_tensor_used_several_times_receives_the_sum()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(2.0, requires_grad: true);
        Tensor y = x * x;          // 4
        Tensor z = y * y + y * x;  // x⁴ + x³
        z.backward();
        Assert.Equal(4 * 8 + 3 * 4, x.grad!.item<double>());
    }

    [Fact]
    public void A_second_backward_pass_needs_a_retained_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(3.0, requires_grad: true);
        Tensor y = x * x;
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(12.0, x.grad!.item<double>());
        Assert.Throws<ExternalException>(() => y.backward());
    }

    [Fact]
    public void A_saved_tensor_modified_in_place_is_detected()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3).requires_grad_();
        Tensor hidden = x * 2;
        Tensor y = hidden * hidden;
        hidden.add_(1);
        Assert.Contains("inplace", Assert.Throws<ExternalException>(() => y.sum().backward()).Message, StringComparison.Ordinal);

        Tensor e = (x * 1).exp();
        using (no_grad())
            e[0].zero_();
        Assert.Throws<ExternalException>(() => e.sum().backward());
    }

    [Fact]
    public void The_result_of_an_in_place_operation_counts_as_saved_where_it_was_written()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true);
        Tensor y = (x * 2).exp_().mul_(x); // exp keeps its result for the gradient
        Assert.Throws<ExternalException>(() => y.sum().backward());
        Tensor z = (x * 2).mul_(x).exp_();
        z.sum().backward();
        Assert.Equal(4 * Math.Exp(2), x.grad![0].item<double>(), 12);
    }

    [Fact]
    public void A_leaf_that_requires_a_gradient_is_not_modified_in_place()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3).requires_grad_();
        Assert.Throws<ExternalException>(() => x.add_(1));
        Assert.Throws<ExternalException>(() => x.copy_(zeros(3)));
        using (no_grad())
            x.add_(1);
        Assert.Equal(2f, x[0].ToSingle());
        Assert.True(x.requires_grad);
    }

    [Fact]
    public void An_in_place_change_of_a_view_is_refused_while_recording()
    {
        if (!Backend.IsEmbedded)
            return; // libtorch records it
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3, 2).requires_grad_();
        Tensor y = x * 2;
        Assert.Throws<NotSupportedException>(() => y[0].mul_(3));
        Tensor view = y.view(6);
        y.mul_(2);
        Assert.Throws<NotSupportedException>(() => view * 2);
    }

    [Fact]
    public void A_change_in_place_becomes_part_of_the_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(2.0, requires_grad: true);
        Tensor y = x * 3;
        y.mul_(x).add_(x);
        Assert.False(y.is_leaf);
        y.backward();
        Assert.Equal(14.0, y.item<double>());
        Assert.Equal(13.0, x.grad!.item<double>());

        Tensor buffer = zeros(2, dtype: float64);
        buffer.add_(x.detach().requires_grad_());
        Assert.True(buffer.requires_grad);
    }

    [Fact]
    public void Nothing_is_recorded_without_grad_mode()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2).requires_grad_();
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            using (set_grad_enabled(true))
                Assert.True((x * 2).requires_grad);
        }

        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }

        Assert.True((x * 2).requires_grad);
        Assert.False((x * 2).detach().requires_grad);
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void Grad_mode_belongs_to_the_thread()
    {
        using IDisposable mode = no_grad();
        bool elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
    }

    [Fact]
    public void Only_one_element_differentiates_without_a_given_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3).requires_grad_();
        Tensor y = x * 2;
        Assert.Throws<ExternalException>(() => y.backward());
        autograd.backward(y, tensor(new float[] { 1, 2, 3 }));
        Assert.Equal([2f, 4f, 6f], x.grad!.data<float>().ToArray());
        Assert.Throws<ExternalException>(() => ones(1).backward());
    }

    [Fact]
    public void Grad_returns_gradients_and_leaves_leaves_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(2.0, requires_grad: true), b = tensor(5.0, requires_grad: true), unused = tensor(1.0, requires_grad: true);
        Tensor hidden = a * b;
        Tensor y = hidden * a;
        IList<Tensor> grads = autograd.grad([y], [hidden, a], retain_graph: true);
        Assert.Equal(2.0, grads[0].item<double>());
        Assert.Equal(20.0, grads[1].item<double>());
        Assert.Null(a.grad);
        Assert.True(autograd.grad([y], [unused], allow_unused: true)[0].IsInvalid);
    }

    [Fact]
    public void Backward_with_inputs_fills_only_those()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(2.0, requires_grad: true), b = tensor(5.0, requires_grad: true);
        autograd.backward([a * b], inputs: [a]);
        Assert.Equal(5.0, a.grad!.item<double>());
        Assert.Null(b.grad);
    }

    [Fact]
    public void Second_derivatives_follow_from_create_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([0.3, -1.2, 2.0], requires_grad: true);
        Tensor y = (x.pow(3) + x.sin() * x.exp()).sum();
        Tensor first = autograd.grad([y], [x], retain_graph: true, create_graph: true)[0];
        Tensor second = autograd.grad([first.sum()], [x])[0];
        double[] points = [0.3, -1.2, 2.0];
        for (int i = 0; i < 3; i++)
        {
            double p = points[i];
            Assert.Equal(6 * p + 2 * Math.Exp(p) * Math.Cos(p), second[i].item<double>(), 9);
        }
    }

    [Fact]
    public void A_result_keeps_its_gradient_on_request()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(2.0, requires_grad: true);
        Tensor y = x * 3;
        Tensor dropped = y * 2;
        y.retain_grad();
        (dropped * y).backward();
        Assert.Equal(24.0, y.grad!.item<double>());
        Assert.Null(dropped.grad);
        Assert.Equal(72.0, x.grad!.item<double>());
    }

    [Fact]
    public void Mixed_types_give_each_input_a_gradient_of_its_own_type()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(3).requires_grad_(), b = ones(1, dtype: float64).requires_grad_();
        (a * b).sum().backward();
        Assert.Equal(float32, a.grad!.dtype);
        Assert.Equal(float64, b.grad!.dtype);
        Assert.Equal(3.0, b.grad!.item<double>());
    }

    [Fact]
    public void Whole_numbers_cannot_require_gradients()
    {
        using Tensor x = ones(2, dtype: int64);
        Assert.Throws<ExternalException>(() => x.requires_grad = true);
    }

    [Fact]
    public void A_very_deep_graph_does_not_overflow_the_stack()
    {
        Tensor x = tensor(1.0, requires_grad: true);
        using (NewDisposeScope())
        {
            Tensor y = x;
            for (int i = 0; i < 100_000; i++)
                y = y + 1;
            y.backward();
            Assert.Equal(1.0, x.grad!.item<double>());

            y = x;
            for (int i = 0; i < 100_000; i++)
                y = y * 1.0;
        }

        x.Dispose();
    }

    [Fact]
    public void Gradients_do_not_share_memory_with_each_other()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(3).requires_grad_(), b = ones(3).requires_grad_();
        (a + b).sum().backward();
        a.grad!.zero_();
        Assert.Equal([1f, 1f, 1f], b.grad!.data<float>().ToArray());
    }
}
