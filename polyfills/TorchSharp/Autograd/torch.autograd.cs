#nullable disable warnings
namespace TorchSharp;

public static partial class torch
{
    /// <summary>Automatic differentiation.</summary>
    public static partial class autograd
    {
        /// <summary>Adds the gradients of the tensors to the <c>grad</c> of the leaves they were computed from.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
        {
            Tensor?[] grads = Engine.Run(tensors, grad_tensors, inputs, retain_graph ?? create_graph, create_graph);
            for (int i = 0; i < grads.Length; i++)
            {
                if (grads[i] is not { } grad)
                    continue;
                using var mode = new GradMode(create_graph);
                AccumulateGrad.Accumulate(inputs[i].Impl, grad, grad.Impl.HasOneHolder);
                grad.Dispose();
            }
        }

        public static void backward(Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>
        /// The gradients of the summed outputs with respect to the inputs; no <c>grad</c> is touched. To differentiate the result
        /// again, pass <paramref name="retain_graph"/> beside <paramref name="create_graph"/>: one does not imply the other here.
        /// </summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            Tensor?[] grads = Engine.Run(outputs, grad_outputs, inputs, retain_graph, create_graph);
            for (int i = 0; i < grads.Length; i++)
            {
                if (grads[i] is not null)
                    continue;
                if (!allow_unused)
                    Errors.Throw($"autograd.grad: input {i} was not used to compute the outputs; pass allow_unused: true to get null for it.");
            }

            var results = new List<Tensor>(grads.Length);
            foreach (Tensor? grad in grads)
            {
                results.Add(grad is null ? Tensor.Floating(null) : new Tensor(grad.Impl.Hold()));
                grad?.Dispose();
            }

            return results;
        }
    }
}
