namespace TorchSharp;

/// <summary>One tensor of a loop: where it starts and how to step. The memory must outlive the loop.</summary>
internal readonly unsafe struct Operand
{
    private readonly bool _contiguous;

    internal Operand(TensorImpl t)
        : this(t, t.Sizes, t.Strides)
    {
        _contiguous = t.IsContiguous;
    }

    /// <summary>A tensor read under other sizes and strides.</summary>
    internal Operand(TensorImpl t, long[] sizes, long[] strides)
    {
        Data = t.Data;
        ItemSize = t.ItemSize;
        Sizes = sizes;
        Strides = strides;
        _contiguous = ReferenceEquals(strides, t.Strides) && t.IsContiguous;
    }

    /// <summary>One value that stands for every element.</summary>
    internal Operand(void* value)
    {
        Data = (byte*)value;
        Sizes = [];
        Strides = [];
        IsValue = true;
    }

    internal byte* Data { get; }

    internal int ItemSize { get; }

    internal long[] Sizes { get; }

    internal long[] Strides { get; }

    private bool IsValue { get; }

    /// <summary>All elements lie one after the other.</summary>
    internal bool IsFlat => _contiguous;

    /// <summary>Bytes from one element to the next of a flat operand.</summary>
    internal nint Step => ItemSize;

    /// <summary>A tensor broadcast to the given shape.</summary>
    internal static Operand Expand(TensorImpl t, long[] shape)
    {
        if (t.Count == 1)
            return new Operand(t.Data);
        return ReferenceEquals(t.Sizes, shape) || t.Sizes.AsSpan().SequenceEqual(shape)
            ? new Operand(t)
            : new Operand(t, shape, Shapes.ExpandStrides(t.Sizes, t.Strides, shape));
    }

    internal bool Follows(Operand first) =>
        Data == null || IsValue || (_contiguous && Sizes.AsSpan().SequenceEqual(first.Sizes));

    internal nint Stride(int axis) => Data == null || IsValue ? 0 : (nint)Strides[axis] * ItemSize;

    public static implicit operator Operand(TensorImpl t) => new(t);
}
