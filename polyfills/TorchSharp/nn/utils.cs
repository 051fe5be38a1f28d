using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Whole-model operations on gradients and parameters.</summary>
        public static partial class utils
        {
            /// <summary>
            /// Scales all gradients by max_norm / (norm + 1e-6) where that is below 1, with the norm of all gradients
            /// together as one vector. A norm that is not finite makes the gradients not finite, too.
            /// </summary>
            /// <returns>The norm before clipping; 0 without gradients.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var _ = no_grad();
                List<Tensor> grads = Grads(tensors);
                try
                {
                    double norm = GradientNorm.Of(grads, norm_type);
                    double factor = max_norm / (norm + 1e-6);
                    if (!(factor >= 1))
                    {
                        foreach (Tensor grad in grads)
                            grad.mul_(factor);
                    }

                    return norm;
                }
                finally
                {
                    grads.ForEach(static grad => grad.Dispose());
                }
            }

            /// <summary>Limits every gradient element to [−clip_value, clip_value].</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var _ = no_grad();
                foreach (Tensor grad in Grads(tensors))
                {
                    grad.clamp_(-clip_value, clip_value);
                    grad.Dispose();
                }
            }

            /// <summary>All parameters, flattened, one after the other.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                List<Tensor> flat = tensors.Select(static parameter => parameter.reshape(-1)).ToList();
                Tensor vector = cat(flat);
                flat.ForEach(static part => part.Dispose());
                return vector;
            }

            /// <summary>Writes consecutive parts of a vector into the parameters.</summary>
            /// <exception cref="ArgumentException">The vector is shorter than the parameters together.</exception>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var _ = no_grad();
                long start = 0;
                foreach (Parameter parameter in tensors)
                {
                    long count = parameter.numel();
                    if (start + count > vec.numel())
                        Errors.Throw($"vector_to_parameters: the vector has {vec.numel()} elements, the parameters more.");
                    using Tensor part = vec.narrow(0, start, count);
                    using Tensor shaped = part.reshape(parameter.shape);
                    parameter.copy_(shaped);
                    start += count;
                }
            }

            private static List<Tensor> Grads(IEnumerable<Parameter> parameters)
                => parameters.Select(static parameter => parameter.grad).OfType<Tensor>().ToList();
        }
    }
}
