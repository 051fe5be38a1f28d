using System.Runtime.InteropServices;
using TorchSharp.Tests.Autograd;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Embedded;

/// <summary>
/// Errors where the native layer has no guard, and in the backward of a custom function. With the real package an exception there cannot pass libtorch's frames and ends the
/// process, and saved tensors live as long as the graph.
/// </summary>
public sealed class FunctionMisuseTests
{
    [Fact]
    public void A_saved_tensor_changed_in_place_is_detected()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true), w = tensor([3.0, 4.0]);
        Tensor y = FunctionTests.ScaledProduct.apply(x, w, 1.0);
        w.add_(1);
        Assert.Throws<ExternalException>(() => y.sum().backward());
    }

    [Fact]
    public void Saved_tensors_are_freed_by_the_backward_pass()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0], requires_grad: true), w = tensor([3.0, 4.0]);
        Tensor y = FunctionTests.ScaledProduct.apply(x, w, 1.0).sum();
        y.backward();
        Assert.Throws<ExternalException>(() => y.backward());
    }

    [Fact]
    public void A_wrong_number_of_gradients_is_reported()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([1.0], requires_grad: true);
        Assert.Contains("WrongCount", Assert.Throws<InvalidOperationException>(() => WrongCount.apply(x, 1).backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_by_matmul_and_unused_inputs_by_grad()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Tensor x = tensor(2.0, requires_grad: true), unused = tensor(1.0, requires_grad: true);
        Assert.Throws<ExternalException>(() => autograd.grad([x * x], [unused]));
    }

    [Fact]
    public void Gradients_are_freed_when_only_create_graph_is_asked_for()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(2.0, requires_grad: true);
        Tensor first = autograd.grad([x.exp()], [x], create_graph: true)[0];
        Assert.Throws<ExternalException>(() => autograd.grad([first], [x]));
    }

    private sealed class WrongCount : autograd.SingleTensorFunction<WrongCount>
    {
        public override string Name => nameof(WrongCount);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).clone();

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }
}
