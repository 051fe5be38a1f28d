using static TorchSharp.torch;

namespace TorchSharp.Tests.Autograd;

public class FunctionTests
{
    [Fact]
    public void A_custom_function_is_differentiated_by_its_own_backward()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true), w = tensor([3.0, 4.0], requires_grad: true);
        Tensor y = ScaledProduct.apply(x, w, 10.0);
        Assert.Equal([30.0, 80.0], y.data<double>().ToArray());
        Assert.False(y.is_leaf);
        y.sum().backward();
        Assert.Equal([30.0, 40.0], x.grad!.data<double>().ToArray());
        Assert.Equal([10.0, 20.0], w.grad!.data<double>().ToArray());
    }

    [Fact]
    public void A_custom_function_mixes_with_built_in_steps()
    {
        FiniteDifferences.Check(
            t => ScaledProduct.apply(t[0].sin(), t[1] + t[0], 0.5).exp() + t[0],
            [FiniteDifferences.Values(-1, 1, 1, 4), FiniteDifferences.Values(-1, 1, 2, 4)]);
    }

    [Fact]
    public void Inputs_without_gradient_are_skipped_and_no_grad_records_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true), w = tensor([3.0, 4.0]);
        ScaledProduct.apply(x, w, 1.0).sum().backward();
        Assert.Null(w.grad);
        using (no_grad())
            Assert.False(ScaledProduct.apply(x, w, 1.0).requires_grad);
        Assert.False(ScaledProduct.apply(w, w, 1.0).requires_grad);
    }

    [Fact]
    public void Several_results_receive_their_gradients_and_zeros_where_none_arrives()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true);
        List<Tensor> y = SineAndCosine.apply(x);
        (y[0] * 2).sum().backward();
        Assert.Equal(2 * Math.Cos(1), x.grad![0].item<double>(), 12);

        x.grad = null;
        List<Tensor> z = SineAndCosine.apply(x);
        (z[0] + z[1] * 3).sum().backward();
        Assert.Equal(Math.Cos(2) - 3 * Math.Sin(2), x.grad![1].item<double>(), 12);
        Assert.False(z[2].requires_grad); // whole numbers
    }

    [Fact]
    public void An_argument_returned_unchanged_becomes_a_tensor_of_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true);
        Tensor y = TenfoldGradient.apply(x);
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        y.sum().backward();
        Assert.Equal([10.0, 10.0], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Backward_may_run_a_graph_of_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([0.5, 1.5], requires_grad: true);
        Recomputed.apply(x * 2).sum().backward();
        double[] points = [0.5, 1.5];
        for (int i = 0; i < 2; i++)
            Assert.Equal(2 * Math.Cos(2 * points[i]) * Math.Exp(Math.Sin(2 * points[i])), x.grad![i].item<double>(), 12);
    }

    [Fact]
    public void A_returned_gradient_used_once_is_not_copied_and_used_twice_not_mixed_up()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor([1.0, 2.0], requires_grad: true), b = tensor([1.0, 2.0], requires_grad: true);
        Tensor y = SameForBoth.apply(a, b) + SameForBoth.apply(a, b) + a;
        y.sum().backward();
        Assert.Equal([3.0, 3.0], a.grad!.data<double>().ToArray());
        Assert.Equal([2.0, 2.0], b.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Tensors_made_in_backward_belong_to_the_scope_of_the_caller()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true), w = tensor([3.0, 4.0]);
        Tensor y = ScaledProduct.apply(x, w, 1.0).sum();
        int before = scope.DisposablesCount;
        y.backward();
        Assert.True(scope.DisposablesCount > before);
    }

    internal sealed class ScaledProduct : autograd.SingleTensorFunction<ScaledProduct>
    {
        public override string Name => nameof(ScaledProduct);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            var w = (Tensor)vars[1];
            ctx.save_for_backward([x, w]);
            ctx.save_data("scale", vars[2]);
            return x * w * (double)vars[2];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            double scale = (double)ctx.get_data("scale");
            return [grad_output * saved[1] * scale, grad_output * saved[0] * scale, null!];
        }
    }

    private sealed class SineAndCosine : autograd.MultiTensorFunction<SineAndCosine>
    {
        public override string Name => nameof(SineAndCosine);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            Tensor s = x.sin(), c = x.cos();
            ctx.save_for_backward([s, c]);
            return [s, c, x.to(int64)];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            return [grad_outputs[0] * saved[1] - grad_outputs[1] * saved[0]];
        }
    }

    private sealed class TenfoldGradient : autograd.SingleTensorFunction<TenfoldGradient>
    {
        public override string Name => nameof(TenfoldGradient);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 10];
    }

    private sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
    {
        public override string Name => nameof(Recomputed);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            return ((Tensor)vars[0]).sin().exp();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using IDisposable mode = enable_grad();
            Tensor x = ctx.get_saved_variables()[0].detach().requires_grad_();
            autograd.backward(x.sin().exp(), grad_output);
            return [x.grad!];
        }
    }

    private sealed class SameForBoth : autograd.SingleTensorFunction<SameForBoth>
    {
        public override string Name => nameof(SameForBoth);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] + (Tensor)vars[1];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Tensor grad = grad_output.clone();
            return [grad, grad];
        }
    }
}
