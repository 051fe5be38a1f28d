namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A differentiable function with a hand-written gradient. One instance serves all calls.</summary>
        public abstract class Function<T>
            where T : Function<T>, new()
        {
            internal static T Instance { get; } = new();

            public abstract string Name { get; }

            /// <summary>Runs forward without recording and attaches backward if a tensor argument needs a gradient.</summary>
            public static List<Tensor> apply_internal(params object[] vars)
            {
                var node = new FunctionNode<T>(vars);
                bool records = GradMode.IsEnabled && node.NeedsGrad;
                List<Tensor> outputs;
                using (new GradMode(false))
                    outputs = Instance.ForwardAll(node.Context, vars);
                return node.Attach(vars, outputs, records);
            }

            internal abstract List<Tensor> ForwardAll(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs);
        }

        /// <summary>
        /// A custom function of one result. <c>backward</c> returns one entry per argument of <c>apply</c>: null for those
        /// that are not tensors or need no gradient.
        /// </summary>
        public abstract class SingleTensorFunction<T> : Function<T>
            where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs[0]);
        }

        /// <summary>A custom function of several results; see <see cref="SingleTensorFunction{T}"/>.</summary>
        public abstract class MultiTensorFunction<T> : Function<T>
            where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs);
        }
    }
}
