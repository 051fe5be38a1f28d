using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Reasoning.Models;

/// <summary>
/// One safetensors file, open for reading. Data is read straight into the caller's memory, so the cost in memory is what the caller
/// asks for. Safe for concurrent reads.
/// </summary>
public sealed class SafeTensorsReader : IDisposable
{
    private const int ChunkBytes = 1 << 20;
    private readonly SafeFileHandle _handle;

    private SafeTensorsReader(string file, SafeFileHandle handle)
    {
        File = file;
        _handle = handle;
        (Entries, Metadata) = SafeTensorsHeader.Read(handle, file);
    }

    public string File { get; }

    /// <summary>All tensors, by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorEntry> Entries { get; }

    /// <summary>The free texts of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="UserErrorException">The file is missing, truncated or malformed.</exception>
    public static SafeTensorsReader Open(string file)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = System.IO.File.OpenHandle(file, options: FileOptions.RandomAccess);
            return new SafeTensorsReader(file, handle);
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is FileNotFoundException or DirectoryNotFoundException) throw new UserErrorException($"{file}: no such file", e);
            if (e is IOException or UnauthorizedAccessException)
                throw new UserErrorException($"{file}: cannot be read: {e.Message}", e);
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
        switch (entry.DType)
        {
            case SafeTensorsDType.F32:
                ReadExactly(_handle, File, MemoryMarshal.AsBytes(destination), entry.Offset + (start * sizeof(float)));
                break;
            case SafeTensorsDType.F16 or SafeTensorsDType.BF16:
                ReadHalves(entry, entry.Offset + (start * sizeof(ushort)), destination);
                break;
            default:
                throw new UserErrorException(
                    $"{File}: tensor '{entry.Name}' has type {DTypes.Name(entry.DType)}; only F32, F16 and BF16 can be read as weights");
        }
    }

    /// <summary>Reads the bytes of a tensor as they are; <paramref name="destination"/> has its number of bytes.</summary>
    /// <exception cref="UserErrorException">No such tensor, or the file was cut since it was opened.</exception>
    public void ReadRaw(string name, Span<byte> destination)
    {
        SafeTensorEntry entry = Find(name);
        if (entry.ByteLength != destination.Length)
            throw new ArgumentException($"'{name}' has {entry.ByteLength} bytes, not {destination.Length}", nameof(destination));
        ReadExactly(_handle, File, destination, entry.Offset);
    }

    public void Dispose() => _handle.Dispose();

    internal static void ReadExactly(SafeFileHandle handle, string file, Span<byte> destination, long offset)
    {
        try
        {
            while (destination.Length > 0)
            {
                int read = RandomAccess.Read(handle, destination[..Math.Min(destination.Length, 1 << 30)], offset);
                if (read == 0) throw new UserErrorException($"{file}: ends at byte {offset}, before its data does");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (IOException e)
        {
            throw new UserErrorException($"{file}: cannot be read: {e.Message}", e);
        }
    }

    private void ReadHalves(SafeTensorEntry entry, long offset, Span<float> destination)
    {
        ushort[] buffer = ArrayPool<ushort>.Shared.Rent(Math.Min(destination.Length, ChunkBytes / sizeof(ushort)));
        try
        {
            while (destination.Length > 0)
            {
                Span<ushort> chunk = buffer.AsSpan(0, Math.Min(buffer.Length, destination.Length));
                ReadExactly(_handle, File, MemoryMarshal.AsBytes(chunk), offset);
                if (entry.DType == SafeTensorsDType.BF16) HalfFormats.FromBFloat16(chunk, destination);
                else HalfFormats.FromHalf(chunk, destination[..chunk.Length]);
                destination = destination[chunk.Length..];
                offset += chunk.Length * sizeof(ushort);
            }
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(buffer);
        }
    }
}
