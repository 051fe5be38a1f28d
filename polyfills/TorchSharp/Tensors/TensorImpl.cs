using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// A tensor proper: geometry over shared storage plus its place in the autograd graph. <see cref="Tensor"/> objects are
/// disposable handles to it; the graph holds it too. The last holder's release returns the memory.
/// </summary>
internal sealed unsafe class TensorImpl
{
    private int _holders = 1;

    internal TensorImpl(Storage storage, long offset, long[] sizes, long[] strides, ScalarType dtype)
    {
        Storage = storage;
        Offset = offset;
        Sizes = sizes;
        Strides = strides;
        DType = dtype;
        Count = Shapes.Count(sizes);
        ItemSize = DTypes.Size(dtype);
        IsContiguous = Shapes.IsRowMajor(sizes, strides);
    }

    internal Storage Storage { get; private set; }

    /// <summary>First element, counted in elements from the start of the storage.</summary>
    internal long Offset { get; private set; }

    /// <summary>Never modified after construction: shapes are shared between tensors.</summary>
    internal long[] Sizes { get; private set; }

    internal long[] Strides { get; private set; }

    internal ScalarType DType { get; private set; }

    internal long Count { get; private set; }

    internal int ItemSize { get; private set; }

    internal bool IsContiguous { get; private set; }

    internal int Rank => Sizes.Length;

    internal byte* Data => Storage.Pointer + Offset * ItemSize;

    internal bool HasOneHolder => Volatile.Read(ref _holders) == 1;

    /// <summary>Set on leaves that collect a gradient.</summary>
    internal bool RequiresGradLeaf { get; set; }

    /// <summary>The function that produced this tensor; null on leaves.</summary>
    internal Node? GradFunction { get; private set; }

    internal int OutputNumber { get; private set; }

    internal TensorImpl? Grad { get; private set; }

    internal bool RetainsGrad { get; set; }

    internal AccumulateGrad? Accumulator { get; set; }

    /// <summary>The tensor a differentiable view was taken from, with the function that tensor had at that time.</summary>
    internal TensorImpl? ViewBase { get; private set; }

    internal Node? ViewBaseFunction { get; private set; }

    internal bool IsView { get; set; }

    internal bool RequiresGrad => RequiresGradLeaf || GradFunction is not null;

    internal static TensorImpl Allocate(long[] sizes, ScalarType dtype)
    {
        long[] strides = Shapes.RowMajor(sizes);
        return new TensorImpl(new Storage(Shapes.Count(sizes) * DTypes.Size(dtype)), 0, sizes, strides, dtype);
    }

    /// <summary>New memory in the same axis order where the source fills its memory exactly, row-major otherwise.</summary>
    internal static TensorImpl AllocateLike(TensorImpl like, ScalarType dtype)
    {
        if (like.IsContiguous || !Shapes.IsDense(like.Sizes, like.Strides))
            return Allocate(like.Sizes, dtype);
        return new TensorImpl(new Storage(like.Count * DTypes.Size(dtype)), 0, like.Sizes, like.Strides, dtype);
    }

    internal TensorImpl View(long[] sizes, long[] strides, long offset) =>
        new(Storage.Share(), offset, sizes, strides, DType) { IsView = true };

    internal TensorImpl Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        Storage.Release();
        TensorImpl? grad = Grad, viewBase = ViewBase;
        Node? function = GradFunction, viewFunction = ViewBaseFunction;
        Grad = ViewBase = null;
        GradFunction = ViewBaseFunction = null;
        grad?.Release();
        viewBase?.Release();
        function?.Release();
        viewFunction?.Release();
    }

    internal void SetFunction(Node? function, int outputNumber)
    {
        Node? old = GradFunction;
        GradFunction = function?.Hold();
        OutputNumber = outputNumber;
        old?.Release();
    }

    /// <summary>Takes over one hold of <paramref name="grad"/>.</summary>
    internal void SetGrad(TensorImpl? grad)
    {
        TensorImpl? old = Grad;
        Grad = grad;
        old?.Release();
    }

    internal void SetViewBase(TensorImpl source)
    {
        ViewBase = source.Hold();
        ViewBaseFunction = source.GradFunction?.Hold();
    }

    /// <summary>Makes this tensor share the geometry and storage of another.</summary>
    internal void Become(TensorImpl source)
    {
        Storage old = Storage;
        Storage = source.Storage.Share();
        Offset = source.Offset;
        Sizes = source.Sizes;
        Strides = source.Strides;
        DType = source.DType;
        Count = source.Count;
        ItemSize = source.ItemSize;
        IsContiguous = source.IsContiguous;
        old.Release();
    }

    internal void Reshape(long[] sizes, long[] strides)
    {
        Sizes = sizes;
        Strides = strides;
        IsContiguous = Shapes.IsRowMajor(sizes, strides);
    }
}
