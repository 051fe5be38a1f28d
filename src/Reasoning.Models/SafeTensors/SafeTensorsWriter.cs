using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Models.Files;

namespace Reasoning.Models.SafeTensors;

/// <summary>
/// Writes safetensors files. The same tensors give the same bytes: widest element type first, then by name, as the reference
/// implementation orders them, so that every tensor is aligned to its element size.
/// </summary>
public static class SafeTensorsWriter
{
    private const int ChunkElements = 1 << 18;
    private static readonly JsonSerializerOptions s_format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes a file and flushes it to the disk. A caller that must not leave a partial file writes into a temporary folder.
    /// </summary>
    /// <param name="file">Replaced if it exists.</param>
    /// <param name="tensors">Each with its own name.</param>
    /// <param name="metadata">Free texts for the header; by default <c>format: pt</c>, which transformers asks for.</param>
    /// <param name="cancel">Looked at before each tensor.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public static void Write(
        string file, IEnumerable<SafeTensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancel = default)
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

        using FileStream stream = RegularFile.Open(file, FileMode.Create, FileAccess.Write);
        stream.Write(Header(ordered, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
        float[] buffer = new float[ChunkElements];
        foreach (SafeTensorSource tensor in ordered)
        {
            cancel.ThrowIfCancellationRequested();
            tensor.WriteTo(stream, buffer);
        }
    }

    private static byte[] Header(SafeTensorSource[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var json = new JsonObject();
        if (metadata.Count > 0)
        {
            json["__metadata__"] = new JsonObject(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }
        long offset = 0;
        foreach (SafeTensorSource tensor in tensors)
        {
            json[tensor.Name] = new JsonObject
            {
                ["dtype"] = DTypes.Name(tensor.DType),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset += tensor.ByteLength),
            };
        }
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(json, s_format);
        int padded = (text.Length + 7) / 8 * 8;
        byte[] header = new byte[8 + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        text.CopyTo(header, 8);
        header.AsSpan(8 + text.Length).Fill((byte)' ');
        return header;
    }
}
