using System.Buffers;
using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Format;

/// <summary>Writes GGUF files, version 3, little-endian, aligned to 32 bytes. The same input gives the same bytes.</summary>
internal static class GgufWriter
{
    private const int Alignment = 32;
    private const int ChunkElements = 1 << 20;

    /// <summary>
    /// Writes a file and flushes it to the disk. Memory holds one chunk of a tensor at a time. A caller that must not leave a partial file
    /// writes under a temporary name.
    /// </summary>
    /// <param name="file">Replaced if it exists.</param>
    /// <param name="metadata">Keys and values.</param>
    /// <param name="tensors">In the order of the file, each with its own name.</param>
    /// <param name="written">Told after each tensor.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name, or a row is not a whole number of blocks.</exception>
    public static void Write(
        string file, GgufMetadataWriter metadata, IReadOnlyList<GgufTensorSource> tensors, Action<GgufTensorSource>? written = null)
    {
        using FileStream stream = RegularFile.Open(file, FileMode.Create, FileAccess.Write);
        stream.Write(Header(metadata, tensors));
        Pad(stream);
        float[] values = ArrayPool<float>.Shared.Rent(ChunkElements);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(ChunkElements * sizeof(float));
        foreach (GgufTensorSource tensor in tensors)
        {
            for (long start = 0; start < tensor.Count; start += ChunkElements)
            {
                Span<float> chunk = values.AsSpan(0, (int)Math.Min(ChunkElements, tensor.Count - start));
                tensor.Copy(start, chunk);
                Span<byte> coded = bytes.AsSpan(0, (int)tensor.Type.ByteLength(chunk.Length));
                TensorCodec.Encode(tensor.Type, chunk, coded);
                stream.Write(coded);
            }

            Pad(stream);
            written?.Invoke(tensor);
        }

        ArrayPool<float>.Shared.Return(values);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static ReadOnlySpan<byte> Header(GgufMetadataWriter metadata, IReadOnlyList<GgufTensorSource> tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("GGUF"u8);
        GgufMetadataWriter.UInt32(buffer, 3);
        GgufMetadataWriter.UInt64(buffer, (ulong)tensors.Count);
        GgufMetadataWriter.UInt64(buffer, (ulong)metadata.Count);
        buffer.Write(metadata.Bytes);
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        foreach (GgufTensorSource tensor in tensors)
        {
            if (!names.Add(tensor.Name)) throw new ArgumentException($"tensor '{tensor.Name}' occurs twice", nameof(tensors));
            if (tensor.Shape[^1] % tensor.Type.BlockElements() != 0)
            {
                throw new ArgumentException(
                    $"tensor '{tensor.Name}' has rows of {tensor.Shape[^1]}, no whole blocks of {tensor.Type.Name()}", nameof(tensors));
            }

            GgufMetadataWriter.Text(buffer, tensor.Name);
            GgufMetadataWriter.UInt32(buffer, (uint)tensor.Shape.Length);
            foreach (long size in tensor.Shape.Reverse()) GgufMetadataWriter.UInt64(buffer, (ulong)size);
            GgufMetadataWriter.UInt32(buffer, (uint)tensor.Type);
            GgufMetadataWriter.UInt64(buffer, (ulong)offset);
            offset += Aligned(tensor.Type.ByteLength(tensor.Count));
        }

        return buffer.WrittenSpan;
    }

    private static void Pad(FileStream stream)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(Aligned(stream.Position) - stream.Position)]);
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
