namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Make(TensorImpl.Allocate((long[])size.Clone(), dtype ?? s_defaultDType), device, requires_grad, names);

    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty([size], dtype, device, requires_grad, names);

    public static Tensor empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty([rows, columns], dtype, device, requires_grad, names);

    public static Tensor empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty([dim0, dim1, dim2], dtype, device, requires_grad, names);

    public static Tensor empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        empty([dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Make(TensorImpl.AllocateLike(input.Impl, dtype ?? input.dtype), device, requires_grad, names);

    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        TensorImpl impl = TensorImpl.Allocate((long[])size.Clone(), dtype ?? s_defaultDType);
        Fill.Zero(impl);
        return Make(impl, device, requires_grad, names);
    }

    public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros([size], dtype, device, requires_grad, names);

    public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros([rows, columns], dtype, device, requires_grad, names);

    public static Tensor zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros([dim0, dim1, dim2], dtype, device, requires_grad, names);

    public static Tensor zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros([dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FilledLike(input, 0, dtype, device, requires_grad, names);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, 1, dtype ?? s_defaultDType, device, requires_grad, names);

    public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones([size], dtype, device, requires_grad, names);

    public static Tensor ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones([rows, columns], dtype, device, requires_grad, names);

    public static Tensor ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones([dim0, dim1, dim2], dtype, device, requires_grad, names);

    public static Tensor ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones([dim0, dim1, dim2, dim3], dtype, device, requires_grad, names);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FilledLike(input, 1, dtype, device, requires_grad, names);

    /// <summary>Without a type, that of the value: int64, bool or the default floating point type.</summary>
    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Filled(size, value, dtype ?? (value.IsFloat ? s_defaultDType : value.Type), device, requires_grad, names);

    public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full(size.ToArray(), value, dtype, device, requires_grad, names);

    public static Tensor full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full([size], value, dtype, device, requires_grad, names);

    public static Tensor full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full([rows, columns], value, dtype, device, requires_grad, names);

    public static Tensor full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full([dim0, dim1, dim2], value, dtype, device, requires_grad, names);

    public static Tensor full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full([dim0, dim1, dim2, dim3], value, dtype, device, requires_grad, names);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FilledLike(input, value, dtype, device, requires_grad, names);

    public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        long width = columns < 0 ? rows : columns;
        Tensor result = zeros([rows, width], dtype, device, false, names);
        using (Arena.Open())
            Fill.Into(result.diagonal().Impl, 1);
        return result.requires_grad_(requires_grad);
    }

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    /// <summary>start, start + step, … below stop; int64 if all three are whole numbers.</summary>
    public static unsafe Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        bool whole = !start.IsFloat && !stop.IsFloat && !step.IsFloat;
        ScalarType type = dtype ?? (whole ? ScalarType.Int64 : s_defaultDType);
        if (step.Double == 0 || (stop.Double - start.Double) / step.Double < 0)
            Errors.Throw($"arange: no step of {step.Double} leads from {start.Double} to {stop.Double}.");
        long count = whole
            ? (stop.Long - start.Long + step.Long - Math.Sign(step.Long)) / step.Long
            : (long)Math.Ceiling((stop.Double - start.Double) / step.Double);
        using Arena arena = Arena.Open();
        Tensor result = empty([count], whole ? ScalarType.Int64 : ScalarType.Float64);
        if (whole)
        {
            long* p = (long*)result.Impl.Data;
            for (long i = 0; i < count; i++)
                p[i] = start.Long + i * step.Long;
        }
        else
        {
            double* p = (double*)result.Impl.Data;
            for (long i = 0; i < count; i++)
                p[i] = start.Double + i * step.Double;
        }

        InitializeDevice(device);
        return arena.Keep(result.dtype == type ? result : result.to_type(type)).requires_grad_(requires_grad);
    }

    /// <summary>Evenly spaced values, both ends included.</summary>
    public static unsafe Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        InitializeDevice(device);
        using Arena arena = Arena.Open();
        Tensor result = empty([steps], ScalarType.Float64);
        double* p = (double*)result.Impl.Data;
        double step = steps > 1 ? (end - start) / (steps - 1) : 0;
        for (long i = 0; i < steps; i++)
            p[i] = i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step;
        if (steps == 1)
            p[0] = start;
        ScalarType type = dtype ?? s_defaultDType;
        return arena.Keep(type == ScalarType.Float64 ? result : result.to_type(type)).requires_grad_(requires_grad);
    }

    private static Tensor Filled(long[] size, Scalar value, ScalarType dtype, Device? device, bool requiresGrad, string[]? names)
    {
        TensorImpl impl = TensorImpl.Allocate((long[])size.Clone(), dtype);
        Fill.Into(impl, value);
        return Make(impl, device, requiresGrad, names);
    }

    private static Tensor FilledLike(Tensor input, Scalar value, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
    {
        TensorImpl impl = TensorImpl.AllocateLike(input.Impl, dtype ?? input.dtype);
        Fill.Into(impl, value);
        return Make(impl, device, requiresGrad, names);
    }

    private static Tensor Make(TensorImpl impl, Device? device, bool requiresGrad, string[]? names)
    {
        InitializeDevice(device);
        if (names is { Length: > 0 })
            throw Errors.Unsupported("names", "named axes are not part of the embedded backend.");
        var tensor = new Tensor(impl);
        if (requiresGrad)
            tensor.requires_grad = true;
        return tensor;
    }
}
