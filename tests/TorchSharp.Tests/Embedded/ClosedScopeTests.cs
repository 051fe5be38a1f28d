using static TorchSharp.torch;

namespace TorchSharp.Tests.Embedded;

/// <summary>Where the real package ends the process, the embedded one throws.</summary>
public sealed class ClosedScopeTests
{
    [Fact]
    public void A_missing_gradient_is_not_filled_in_once_the_scope_of_the_forward_pass_is_closed()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true);
        Tensor inner;
        using (DisposeScope forward = NewDisposeScope())
            inner = forward.MoveToOuter(Halves.apply(x)[0]);
        Tensor sum = inner.sum();
        Assert.Contains("set_materialize_grads(false)", Assert.Throws<InvalidOperationException>(() => sum.backward()).Message);
    }

    [Fact]
    public void It_is_filled_in_while_the_scope_is_open()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true);
        Halves.apply(x)[0].sum().backward();
        Assert.Equal([0.5, 0.5], x.grad!.data<double>().ToArray());
    }

    private sealed class Halves : autograd.MultiTensorFunction<Halves>
    {
        public override string Name => nameof(Halves);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            return [x / 2, x / 2];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs) =>
            [(grad_outputs[0] + grad_outputs[1]) / 2];
    }
}
