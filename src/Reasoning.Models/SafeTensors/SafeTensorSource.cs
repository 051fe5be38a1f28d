using System.Runtime.InteropServices;

namespace Reasoning.Models.SafeTensors;

/// <summary>Copies the elements from <paramref name="start"/> on into <paramref name="destination"/>, until it is full.</summary>
internal delegate void CopyFloats(long start, Span<float> destination);

/// <summary>One tensor to be written: what it is called, how it is stored, and where its values come from.</summary>
public sealed class SafeTensorSource
{
    private readonly CopyFloats? _copy;
    private readonly ReadOnlyMemory<byte> _raw;

    /// <summary>Single-precision values, fetched in chunks while the file is written.</summary>
    /// <param name="name">Unique within the file.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="dtype">F32, F16 or BF16; values are rounded to nearest, ties to even.</param>
    /// <param name="copy">Gives the values.</param>
    internal SafeTensorSource(string name, long[] shape, SafeTensorsDType dtype, CopyFloats copy)
        : this(name, shape, dtype)
    {
        if (dtype is not (SafeTensorsDType.F32 or SafeTensorsDType.F16 or SafeTensorsDType.BF16))
            throw new ArgumentException($"'{name}': values can be written as F32, F16 or BF16, not as {dtype}", nameof(dtype));
        _copy = copy;
    }

    /// <summary>Single-precision values in memory.</summary>
    public SafeTensorSource(string name, long[] shape, SafeTensorsDType dtype, ReadOnlyMemory<float> values)
        : this(name, shape, dtype, (start, destination) => values.Span.Slice((int)start, destination.Length).CopyTo(destination))
    {
        if (values.Length != Count) throw new ArgumentException($"'{name}': {values.Length} values for a shape of {Count}", nameof(values));
    }

    private SafeTensorSource(string name, long[] shape, SafeTensorsDType dtype, ReadOnlyMemory<byte> raw)
        : this(name, shape, dtype)
    {
        if (raw.Length != ByteLength) throw new ArgumentException($"'{name}': {raw.Length} bytes for a shape of {ByteLength}", nameof(raw));
        _raw = raw;
    }

    private SafeTensorSource(string name, long[] shape, SafeTensorsDType dtype)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "__metadata__") throw new ArgumentException("the name __metadata__ is reserved", nameof(name));
        if (Array.Exists(shape, size => size < 0)) throw new ArgumentException($"'{name}': negative size", nameof(shape));
        ByteLength = SafeTensorsHeader.ByteLength(shape, DTypes.Size(dtype))
            ?? throw new ArgumentException($"'{name}': the shape has more bytes than 64 bits can count", nameof(shape));
        (Name, Shape, DType) = (name, shape, dtype);
    }

    public string Name { get; }

    public long[] Shape { get; }

    public SafeTensorsDType DType { get; }

    /// <summary>Number of bytes in the file.</summary>
    public long ByteLength { get; }

    /// <summary>Number of elements.</summary>
    public long Count => ByteLength / DTypes.Size(DType);

    /// <summary>Values of any type, already in the form the file holds.</summary>
    public static SafeTensorSource Raw(string name, long[] shape, SafeTensorsDType dtype, ReadOnlyMemory<byte> bytes)
        => new(name, shape, dtype, bytes);

    internal void WriteTo(Stream stream, float[] values)
    {
        if (_copy is null)
        {
            stream.Write(_raw.Span);
            return;
        }
        ushort[] halves = DType == SafeTensorsDType.F32 ? [] : new ushort[values.Length];
        for (long start = 0; start < Count; start += values.Length)
        {
            Span<float> chunk = values.AsSpan(0, (int)Math.Min(values.Length, Count - start));
            _copy(start, chunk);
            if (DType == SafeTensorsDType.F32)
            {
                stream.Write(MemoryMarshal.AsBytes(chunk));
                continue;
            }
            Span<ushort> rounded = halves.AsSpan(0, chunk.Length);
            if (DType == SafeTensorsDType.BF16) HalfFormats.ToBFloat16(chunk, rounded);
            else HalfFormats.ToHalf(chunk, rounded);
            stream.Write(MemoryMarshal.AsBytes(rounded));
        }
    }
}
