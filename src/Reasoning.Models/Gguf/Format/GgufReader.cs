using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Format;

/// <summary>
/// One GGUF file, open for reading through a memory map: opening it costs what its header does, reading a tensor costs the caller's
/// memory. Safe for concurrent reads.
/// </summary>
public sealed class GgufReader : IDisposable
{
    /// <summary>The ending of the files.</summary>
    public const string Extension = ".gguf";

    private const int ChunkElements = 1 << 18;
    private readonly MappedFile _bytes;
    private readonly GgufHeader _header;

    private GgufReader(MappedFile bytes)
    {
        _bytes = bytes;
        _header = GgufHeader.Read(bytes);
    }

    /// <summary>What messages call the file: its path, or the name it will get.</summary>
    internal string File => _bytes.File;

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _bytes.Length;

    /// <summary>Keys and values before the tensors.</summary>
    public GgufMetadata Metadata => _header.Metadata;

    /// <summary>All tensors, by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors => _header.Tensors;

    /// <summary>Whether a path names a GGUF file rather than a checkpoint folder: by its ending, for a folder never has it.</summary>
    public static bool IsGguf(string path)
        => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="name">What messages call it, where that is not the path.</param>
    /// <exception cref="UserErrorException">The file is missing, truncated, malformed, or uses a type that is not supported.</exception>
    public static GgufReader Open(string file, string? name = null)
    {
        MappedFile bytes = MappedFile.Open(file, name ?? file);
        try
        {
            return new GgufReader(bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="UserErrorException">The file has no such tensor.</exception>
    public GgufTensor Find(string name)
        => Tensors.TryGetValue(name, out GgufTensor? tensor) ? tensor : throw new UserErrorException($"{File}: has no tensor '{name}'");

    /// <summary>
    /// Reads as many values as <paramref name="destination"/> holds, from value <paramref name="start"/> on, as single precision.
    /// </summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">A multiple of the type's block.</param>
    /// <param name="destination">Its length is a multiple of the type's block.</param>
    /// <exception cref="UserErrorException">The file was cut since it was opened.</exception>
    public void Read(GgufTensor tensor, long start, Span<float> destination)
    {
        int block = tensor.Type.BlockElements();
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, tensor.Count - destination.Length);
        if (start % block != 0 || destination.Length % block != 0)
            throw new ArgumentException($"'{tensor.Name}' is read in whole blocks of {block} values", nameof(start));
        _bytes.CheckLength();
        while (destination.Length > 0)
        {
            Span<float> part = destination[..Math.Min(destination.Length, ChunkElements)];
            long offset = tensor.Offset + tensor.Type.ByteLength(start);
            TensorCodec.Decode(tensor.Type, _bytes.At(offset, (int)tensor.Type.ByteLength(part.Length)), part);
            destination = destination[part.Length..];
            start += part.Length;
        }
    }

    public void Dispose() => _bytes.Dispose();
}
