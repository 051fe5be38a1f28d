using System.Runtime.InteropServices;
using Reasoning.Models.Files;

namespace Reasoning.Models.SafeTensors;

/// <summary>
/// One safetensors file, open for reading through a memory map: bytes go from the system's page cache straight into the caller's memory,
/// and the cost in memory is what the caller asks for. Safe for concurrent reads.
/// </summary>
/// <remarks>
/// A page behind the end of a file that was cut after opening cannot be read, and the system ends a program that tries. So the length is
/// asked for again before every megabyte; what remains is the moment between the question and the copy.
/// </remarks>
public sealed class SafeTensorsReader : IDisposable
{
    private const int ChunkBytes = 1 << 20;
    private readonly MappedFile _bytes;

    private SafeTensorsReader(MappedFile bytes)
    {
        _bytes = bytes;
        (Entries, Metadata) = SafeTensorsHeader.Read(bytes);
    }

    public string File => _bytes.File;

    /// <summary>All tensors, by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorEntry> Entries { get; }

    /// <summary>The free texts of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="UserErrorException">The file is missing, truncated or malformed.</exception>
    public static SafeTensorsReader Open(string file)
    {
        MappedFile bytes = MappedFile.Open(file);
        try
        {
            return new SafeTensorsReader(bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="UserErrorException">The file has no such tensor.</exception>
    public SafeTensorEntry Find(string name)
        => Entries.GetValueOrDefault(name) ?? throw new UserErrorException($"{File}: has no tensor '{name}'");

    /// <summary>
    /// Reads a tensor of type F32, F16 or BF16 as single precision; <paramref name="destination"/> has its number of elements.
    /// </summary>
    /// <exception cref="UserErrorException">No such tensor, another type, or the file was cut since it was opened.</exception>
    public void Read(string name, Span<float> destination)
    {
        SafeTensorEntry entry = Find(name);
        if (entry.Count != destination.Length)
            throw new ArgumentException($"'{name}' has {entry.Count} elements, the destination {destination.Length}", nameof(destination));
        Read(entry, 0, destination);
    }

    /// <summary>Reads as many elements as <paramref name="destination"/> holds, from element <paramref name="start"/> on.</summary>
    /// <exception cref="UserErrorException">As <see cref="Read(string, Span{float})"/>.</exception>
    public void Read(SafeTensorEntry entry, long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.Count - destination.Length);
        if (entry.DType is not (SafeTensorsDType.F32 or SafeTensorsDType.F16 or SafeTensorsDType.BF16))
        {
            throw new UserErrorException(
                $"{File}: tensor '{entry.Name}' has type {DTypes.Name(entry.DType)}; only F32, F16 and BF16 can be read as weights");
        }

        int size = DTypes.Size(entry.DType);
        long offset = entry.Offset + (start * size);
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, ChunkBytes / size);
            ReadOnlySpan<byte> bytes = Mapped(offset, count * size);
            if (entry.DType == SafeTensorsDType.F32) bytes.CopyTo(MemoryMarshal.AsBytes(destination));
            else if (entry.DType == SafeTensorsDType.BF16) HalfFormats.FromBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), destination);
            else HalfFormats.FromHalf(MemoryMarshal.Cast<byte, ushort>(bytes), destination[..count]);
            destination = destination[count..];
            offset += count * size;
        }
    }

    /// <summary>Reads the bytes of a tensor as they are; <paramref name="destination"/> has its number of bytes.</summary>
    /// <exception cref="UserErrorException">No such tensor, or the file was cut since it was opened.</exception>
    public void ReadRaw(string name, Span<byte> destination)
    {
        SafeTensorEntry entry = Find(name);
        if (entry.ByteLength != destination.Length)
            throw new ArgumentException($"'{name}' has {entry.ByteLength} bytes, not {destination.Length}", nameof(destination));
        for (int at = 0; at < destination.Length; at += ChunkBytes)
        {
            int count = Math.Min(ChunkBytes, destination.Length - at);
            Mapped(entry.Offset + at, count).CopyTo(destination[at..]);
        }
    }

    public void Dispose() => _bytes.Dispose();

    private ReadOnlySpan<byte> Mapped(long offset, int count)
    {
        long length = _bytes.CurrentLength;
        if (offset + count > length) throw new UserErrorException($"{File}: ends at byte {length}, before its data does");
        return _bytes.At(offset, count);
    }
}
