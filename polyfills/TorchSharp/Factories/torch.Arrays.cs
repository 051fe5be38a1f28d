using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    /// <summary>A tensor over the memory of the array itself where the types agree, otherwise a converted copy.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => Shared(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        if (names is { Length: > 0 })
            throw Errors.Unsupported("from_array", "named axes are not part of the embedded backend.");
        return Shared(rawArray, dtype, device).requires_grad_(requires_grad);
    }

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => Shared(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null)
    {
        InitializeDevice(device);
        return dtype is { } type && type != data.dtype ? data.to_type(type) : data.alias();
    }

    private static Tensor Shared(Array array, ScalarType? dtype, Device? device)
    {
        InitializeDevice(device);
        ScalarType type = DTypes.Of(array.GetType().GetElementType()!);
        var sizes = new long[array.Rank];
        for (int d = 0; d < sizes.Length; d++)
            sizes[d] = array.GetLongLength(d);
        if (array is bool[] booleans)
            array = Unsafe.As<byte[]>(booleans);
        else if (type == ScalarType.Bool)
            return From<bool>(array, dtype, device, false, null);
        var storage = new Storage(array, array.LongLength * DTypes.Size(type));
        var tensor = new Tensor(new TensorImpl(storage, 0, sizes, Shapes.RowMajor(sizes), type));
        if (dtype is not { } wanted || wanted == type)
            return tensor;
        Tensor converted = tensor.to_type(wanted);
        tensor.Dispose();
        return converted;
    }

    private static ReadOnlySpan<T> Span<T>(IList<T> list) => list switch
    {
        T[] array => array,
        List<T> items => CollectionsMarshal.AsSpan(items),
        _ => list.ToArray(),
    };

    private static Tensor From<T>(Array array, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        var sizes = new long[array.Rank];
        for (int d = 0; d < sizes.Length; d++)
            sizes[d] = array.GetLongLength(d);
        ReadOnlySpan<T> values = array.Length == 0
            ? []
            : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
        return From(values, sizes, dtype, device, requiresGrad, names);
    }

    /// <summary>A tensor with a copy of the values.</summary>
    private static Tensor From<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        long count = Shapes.Count(dimensions);
        if (count > values.Length)
            throw new ArgumentException($"tensor: shape {Errors.Text(dimensions)} needs {count} values, the array has {values.Length}.");
        TensorImpl impl = TensorImpl.Allocate(dimensions.ToArray(), DTypes.Of(typeof(T)));
        values[..(int)count].CopyTo(new Span<T>(impl.Data, (int)count));
        if (dtype is { } wanted && wanted != impl.DType)
        {
            TensorImpl converted = Copies.As(impl, wanted);
            impl.Release();
            impl = converted;
        }

        return Make(impl, device, requiresGrad, names);
    }
}
