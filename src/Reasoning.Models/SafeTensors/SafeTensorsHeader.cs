using System.Buffers.Binary;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.SafeTensors;

/// <summary>
/// The header of a safetensors file: eight bytes with its length, then a JSON object from tensor name to type, shape and place.
/// Everything is checked against the length of the file before any of it is used, and the tensors must fill the rest of the file without
/// gap or overlap, as the format demands.
/// </summary>
internal static class SafeTensorsHeader
{
    private const long MaxHeaderBytes = 100_000_000;
    private const int MaxRank = 32;

    public static (Dictionary<string, SafeTensorEntry> Entries, Dictionary<string, string> Metadata) Read(MappedFile bytes)
    {
        (string file, long fileLength) = (bytes.File, bytes.Length);
        if (fileLength < 8) throw new UserErrorException($"{file}: {fileLength} bytes is too short for a safetensors file");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes.At(0, 8));
        if (headerLength > MaxHeaderBytes || (long)headerLength > fileLength - 8)
        {
            throw new UserErrorException(
                $"{file}: not a safetensors file, or truncated: its header claims {headerLength} of {fileLength - 8} bytes");
        }
        return Parse(bytes.At(8, (int)headerLength).ToArray(), file, 8 + (long)headerLength, fileLength);
    }

    private static (Dictionary<string, SafeTensorEntry> Entries, Dictionary<string, string> Metadata) Parse(
        byte[] header, string file, long dataStart, long fileLength)
    {
        using JsonDocument document = JsonFile.ParseObject(header, $"{file} (header)");
        var entries = new Dictionary<string, SafeTensorEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            string name = property.Name;
            if (property.Value.ValueKind != JsonValueKind.Object)
                throw Error(file, name, $"must be described by an object, found {JsonFile.Describe(property.Value)}");
            var fields = new JsonFields(file, property.Value, name);
            if (name == "__metadata__")
            {
                foreach (JsonProperty item in property.Value.EnumerateObject()) metadata[item.Name] = fields.String(item.Name);
                continue;
            }
            entries[name] = ReadEntry(fields, file, name, dataStart, fileLength);
        }
        CheckCoverage(entries.Values, file, dataStart, fileLength);
        return (entries, metadata);
    }

    private static SafeTensorEntry ReadEntry(JsonFields fields, string file, string name, long dataStart, long fileLength)
    {
        string typeName = fields.String("dtype");
        if (!DTypes.TryParse(typeName, out SafeTensorsDType type)) throw Error(file, name, $"has the unknown type '{typeName}'");
        long[] shape = Longs(fields, "shape");
        long[] offsets = Longs(fields, "data_offsets");
        if (shape.Length > MaxRank) throw Error(file, name, $"has {shape.Length} dimensions, more than {MaxRank}");
        if (offsets.Length != 2) throw fields.Error("data_offsets", $"must have two numbers, found {offsets.Length}");
        long dataLength = fileLength - dataStart;
        if (offsets[0] > offsets[1] || offsets[1] > dataLength)
        {
            throw Error(
                file, name, $"lies at bytes {offsets[0]} to {offsets[1]} of {dataLength}: the file is truncated or its header is wrong");
        }
        long length = offsets[1] - offsets[0];
        if (ByteLength(shape, DTypes.Size(type)) is not { } expected || expected != length)
            throw Error(file, name, $"has shape [{string.Join(", ", shape)}] of {typeName} but {length} bytes");
        return new SafeTensorEntry(name, type, shape, dataStart + offsets[0], length);
    }

    /// <summary>Number of bytes of a shape, or null where it exceeds 64 bits.</summary>
    internal static long? ByteLength(ReadOnlySpan<long> shape, int elementSize)
    {
        UInt128 bytes = (UInt128)elementSize;
        foreach (long size in shape)
        {
            if (size == 0) return 0;
            if (bytes <= long.MaxValue) bytes *= (UInt128)size;
        }
        return bytes <= long.MaxValue ? (long)bytes : null;
    }

    private static long[] Longs(JsonFields fields, string field)
    {
        JsonElement value = fields.Require(field);
        if (value.ValueKind != JsonValueKind.Array) throw fields.Wrong(field, value, "an array of integers");
        long[] numbers = new long[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            bool isSize = item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out numbers[index]) && numbers[index] >= 0;
            if (!isSize) throw fields.Wrong($"{field}[{index}]", item, "an integer that is not negative");
            index++;
        }
        return numbers;
    }

    private static void CheckCoverage(IEnumerable<SafeTensorEntry> entries, string file, long dataStart, long fileLength)
    {
        long end = dataStart;
        foreach (SafeTensorEntry entry in entries.OrderBy(e => e.Offset).ThenBy(e => e.ByteLength))
        {
            if (entry.Offset != end)
                throw Error(file, entry.Name, entry.Offset < end ? "overlaps another tensor" : "leaves a gap before its first byte");
            end += entry.ByteLength;
        }
        if (end != fileLength) throw new UserErrorException($"{file}: {fileLength - end} bytes after the last tensor belong to none");
    }

    private static UserErrorException Error(string file, string name, string problem)
        => new($"{file}: tensor '{name}' {problem}");
}
