namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Functions without state, differentiable in their floating-point arguments.</summary>
        public static partial class functional
        {
            /// <summary>input·weightsᵀ + bias.</summary>
            /// <param name="input">[…, inputs].</param>
            /// <param name="weights">[outputs, inputs].</param>
            /// <param name="bias">[outputs].</param>
            /// <returns>[…, outputs].</returns>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null)
            {
                RequireLinearShapes(input, weights, bias);
                using Arena arena = Arena.Open();
                bool records = Graph.Records(input, weights, bias ?? weights);
                Tensor output;
                using (new GradMode(false))
                {
                    output = Rows(input).mm(weights.t()); // [rows, outputs]
                    if (bias is not null)
                        output.add_(bias);
                    long[] sizes = [.. input.Impl.Sizes[..^1], weights.Impl.Sizes[0]];
                    output.Impl.Reshape(sizes, Shapes.RowMajor(sizes)); // […, outputs]
                }

                if (records)
                {
                    Tensor[] inputs = bias is null ? [input, weights] : [input, weights, bias];
                    Tensor?[] saved = [weights.requires_grad ? input : null, input.requires_grad ? weights : null];
                    Graph.Record(output, "linear", inputs, saved, LinearGradient);
                }

                return arena.Keep(output);
            }

            private static Tensor?[] LinearGradient(OpNode node, Tensor grad)
            {
                Tensor rows = Rows(grad); // [rows, outputs]
                var result = new Tensor?[node.Edges.Length];
                if (node.Needs(0))
                    result[0] = rows.mm(node.Saved(1)).reshape(node.InputSizes(0));
                if (node.Needs(1))
                    result[1] = rows.t().mm(Rows(node.Saved(0))); // [outputs, inputs]
                if (result.Length == 3 && node.Needs(2))
                    result[2] = rows.sum([0L]);
                return result;
            }

            private static Tensor Rows(Tensor tensor) => tensor.ndim == 2 ? tensor : tensor.reshape(-1, tensor.Impl.Sizes[^1]);

            private static void RequireLinearShapes(Tensor input, Tensor weights, Tensor? bias)
            {
                if (weights.ndim != 2 || input.ndim == 0 || input.Impl.Sizes[^1] != weights.Impl.Sizes[1])
                {
                    Errors.Throw(
                        $"linear: input {Errors.Text(input.Impl.Sizes)} does not match weights {Errors.Text(weights.Impl.Sizes)}: "
                        + "expected […, inputs] and [outputs, inputs].");
                }

                if (bias is not null && (bias.ndim != 1 || bias.Impl.Sizes[0] != weights.Impl.Sizes[0]))
                    Errors.Throw($"linear: bias {Errors.Text(bias.Impl.Sizes)} does not match {weights.Impl.Sizes[0]} outputs.");
                if (input.dtype != weights.dtype || (bias is not null && bias.dtype != weights.dtype))
                {
                    string third = bias is null ? "" : $", {bias.dtype}";
                    Errors.Throw($"linear: input, weights and bias must have one dtype, got {input.dtype}, {weights.dtype}{third}.");
                }
            }
        }
    }
}
