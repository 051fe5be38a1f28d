using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reasoning.Models;

/// <summary>
/// Writes safetensors files. The same tensors give the same bytes: widest element type first, then by name, as the reference
/// implementation orders them, so that every tensor is aligned to its element size.
/// </summary>
public static class SafeTensorsWriter
{
    private const int ChunkElements = 1 << 18;

    /// <summary>
    /// Writes a file and flushes it to the disk. A caller that must not leave a partial file writes into a temporary folder.
    /// </summary>
    /// <param name="file">Replaced if it exists.</param>
    /// <param name="tensors">Each with its own name.</param>
    /// <param name="metadata">Free texts for the header; by default <c>format: pt</c>, which transformers asks for.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public static void Write(string file, IEnumerable<SafeTensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SafeTensorSource[] ordered =
        [
            .. tensors.OrderByDescending(tensor => DTypes.Size(tensor.DType)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (SafeTensorSource tensor in ordered)
        {
            if (!names.Add(tensor.Name)) throw new ArgumentException($"tensor '{tensor.Name}' occurs twice", nameof(tensors));
        }

        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        stream.Write(Header(ordered, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
        float[] buffer = new float[ChunkElements];
        foreach (SafeTensorSource tensor in ordered) tensor.WriteTo(stream, buffer);
        stream.Flush(flushToDisk: true);
    }

    private static byte[] Header(SafeTensorSource[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata.Count > 0)
            {
                writer.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            long offset = 0;
            foreach (SafeTensorSource tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", DTypes.Name(tensor.DType));
                writer.WriteStartArray("shape");
                foreach (long size in tensor.Shape) writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.ByteLength);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        int padded = (json.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[8 + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        json.WrittenSpan.CopyTo(header.AsSpan(8));
        header.AsSpan(8 + json.WrittenCount).Fill((byte)' ');
        return header;
    }
}
