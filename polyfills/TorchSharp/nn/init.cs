namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fills tensors in place, gradients not recorded, and returns them. Random fills belong to the caller's own keyed generator.</summary>
        public static partial class init
        {
            public static Tensor constant_(Tensor tensor, Scalar val)
            {
                using var _ = no_grad();
                return tensor.fill_(val);
            }

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            /// <summary>Ones on the main diagonal of a matrix, zeros elsewhere.</summary>
            public static Tensor eye_(Tensor tensor)
            {
                if (tensor.ndim != 2)
                    throw new ArgumentException($"init.eye_ needs a matrix, not {tensor.ndim} dimensions.");
                using var _ = no_grad();
                tensor.zero_();
                using Tensor diagonal = tensor.diagonal();
                diagonal.fill_(1);
                return tensor;
            }
        }
    }
}
