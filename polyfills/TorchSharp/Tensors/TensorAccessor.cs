using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes elements of a tensor in row-major order, whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly Tensor _tensor;

    internal TensorAccessor(Tensor tensor) => _tensor = tensor;

    public long Count => _tensor.numel();

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get
        {
            T value = *At(indices);
            GC.KeepAlive(_tensor);
            return value;
        }

        set
        {
            if (indices.Length != _tensor.ndim)
                throw new IndexOutOfRangeException($"{indices.Length} indices given to write into a tensor of {_tensor.ndim} dimensions.");
            *At(indices) = value;
            GC.KeepAlive(_tensor);
        }
    }

    /// <summary>All elements in row-major order.</summary>
    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result.AsSpan());
        return result;
    }

    /// <summary>An array of the tensor's own rank.</summary>
    public Array ToNDArray()
    {
        long[] shape = _tensor.shape;
        if (shape.Length < 2)
            return ToArray();
        var result = Array.CreateInstance(typeof(T), shape);
        var at = new long[shape.Length];
        foreach (T value in this)
        {
            result.SetValue(value, at);
            for (int d = shape.Length - 1; d >= 0 && ++at[d] == shape[d]; d--)
                at[d] = 0;
        }

        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (n <= 0)
            return;
        TensorImpl impl = _tensor.Impl;
        if (impl.IsContiguous)
        {
            new ReadOnlySpan<T>((T*)impl.Data + tensorIndex, n).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (int i = 0; i < n; i++)
                array[arrayIndex + i] = *Linear(tensorIndex + i);
        }

        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (int i = 0; i < n; i++)
            *Linear(tensorIndex + i) = array[arrayIndex + i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        long count = Count;
        for (long i = 0; i < count; i++)
            yield return Get(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && this.SequenceEqual(other);

    public override int GetHashCode() => _tensor.GetHashCode();

    public void Dispose()
    {
    }

    private T Get(long i)
    {
        T value = *Linear(i);
        GC.KeepAlive(_tensor);
        return value;
    }

    private T* At(long[] indices)
    {
        TensorImpl impl = _tensor.Impl;
        if (indices.Length == 1)
            return Linear(indices[0]);
        if (indices.Length != impl.Rank)
            throw new ArgumentException($"{indices.Length} indices given for a tensor of {impl.Rank} dimensions.");
        long offset = 0;
        for (int d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)impl.Sizes[d])
                throw new IndexOutOfRangeException($"Index {indices[d]} is out of range for axis {d} of length {impl.Sizes[d]}.");
            offset += indices[d] * impl.Strides[d];
        }

        return (T*)impl.Data + offset;
    }

    private T* Linear(long index)
    {
        TensorImpl impl = _tensor.Impl;
        if ((ulong)index >= (ulong)impl.Count)
            throw new IndexOutOfRangeException($"Index {index} is out of range for a tensor of {impl.Count} elements.");
        if (impl.IsContiguous)
            return (T*)impl.Data + index;
        long offset = 0;
        for (int d = impl.Rank - 1; d >= 0; d--)
        {
            (index, long at) = Math.DivRem(index, impl.Sizes[d]);
            offset += at * impl.Strides[d];
        }

        return (T*)impl.Data + offset;
    }
}
