using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>
        /// Updates parameters from their gradients. Parameters are known by identity: create the optimizer after the model has
        /// its final dtype, because a conversion replaces the parameters.
        /// </summary>
        public abstract partial class Optimizer : IDisposable
        {
            private protected Optimizer()
            {
            }

            private protected List<ParamGroup> Groups { get; } = [];

            /// <summary>The parameter groups; a schedule sets their learning rate.</summary>
            public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

            public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(static group => group.Parameters);

            public virtual void add_param_group(ParamGroup param_group)
                => throw new NotSupportedException($"{GetType().Name}.add_param_group");

            /// <summary>Updates every parameter that has a gradient.</summary>
            /// <param name="closure">Computes the loss and its gradients again; its result is returned.</param>
            public virtual Tensor? step(Func<Tensor>? closure = null)
                => throw new NotSupportedException($"{GetType().Name}.step");

            /// <summary>Fills all gradients with zeros and keeps their memory.</summary>
            public virtual void zero_grad()
            {
                foreach (ParamGroup group in Groups)
                {
                    foreach (Parameter parameter in group.Parameters)
                    {
                        using Tensor? grad = parameter.grad;
                        grad?.zero_();
                    }
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
            }
        }
    }
}
