namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Impl.Rank;

        public long ndim => Impl.Rank;

        public long NumberOfElements => Impl.Count;

        public long ElementSize => Impl.ItemSize;

        public ScalarType dtype => Impl.DType;

        public Device device
        {
            get
            {
                _ = Impl;
                return CPU;
            }
        }

        public DeviceType device_type => DeviceType.CPU;

        public int device_index => -1;

        public bool is_cuda => false;

        public bool is_meta => false;

        public bool is_sparse => false;

        /// <summary>The lengths of the axes; a copy.</summary>
        public long[] shape => (long[])Impl.Sizes.Clone();

        public long dim() => Impl.Rank;

        public long numel() => Impl.Count;

        public long element_size() => Impl.ItemSize;

        public long[] size() => shape;

        public long size(int dim) => Impl.Sizes[Shapes.Axis(dim, Impl.Rank, "size")];

        public long[] stride() => (long[])Impl.Strides.Clone();

        public long stride(int dim) => Impl.Strides[Shapes.Axis(dim, Impl.Rank, "stride")];

        /// <summary>First element, counted from the start of the storage.</summary>
        public long storage_offset() => Impl.Offset;

        public bool is_contiguous() => Impl.IsContiguous;

        public bool is_cpu() => true;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => DTypes.Category(dtype) < 2;

        public bool is_complex() => false;

        public bool is_nonzero()
        {
            if (numel() != 1)
                throw new InvalidOperationException($"is_nonzero: the tensor has {numel()} elements instead of one.");
            return ToScalar().IsTrue;
        }
    }

    /// <summary>Whether a type has whole numbers or truth values.</summary>
    public static bool is_integral(ScalarType type) => DTypes.Category(type) < 2;

    public static bool is_integral(Tensor t) => is_integral(t.dtype);

    public static long numel(Tensor input) => input.numel();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static bool is_nonzero(Tensor input) => input.is_nonzero();
}
