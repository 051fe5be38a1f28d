using System.Diagnostics.CodeAnalysis;
using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Format;

/// <summary>
/// What stands before the data of a GGUF file: magic, version, metadata and the list of tensors (ggml's docs/gguf.md, version 3, and
/// version 2, which differs in nothing that matters here). A header that passes has every value and every tensor inside the file, no
/// name twice, no two tensors on the same bytes, and costs memory in proportion to its own length.
/// </summary>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int MaxKeys = 1 << 16;
    private const int MaxTensors = 1 << 16;
    private const int MaxRank = 4;
    private const int MaxItems = 1 << 26;
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;

    private GgufHeader(GgufMetadata metadata, Dictionary<string, GgufTensor> tensors, int alignment)
        => (Metadata, Tensors, Alignment) = (metadata, tensors, alignment);

    public GgufMetadata Metadata { get; }

    public Dictionary<string, GgufTensor> Tensors { get; }

    public int Alignment { get; }

    /// <exception cref="UserErrorException">The file is not a GGUF file, truncated, or contradicts itself.</exception>
    [SuppressMessage("Roslynator", "RCS1242", Justification = "The cursor is a ref struct.")]
    public static GgufHeader Read(MappedFile bytes)
    {
        var cursor = new GgufCursor(bytes);
        if (cursor.Left < 24 || cursor.UInt32("the magic number") != Magic)
            throw new UserErrorException($"{bytes.File}: not a GGUF file (it does not begin with GGUF), or truncated");
        uint version = cursor.UInt32("the version");
        if ((version & 0xFFFF) == 0) throw new UserErrorException($"{bytes.File}: a big-endian GGUF file, which is not supported");
        if (version is not (2 or 3)) throw new UserErrorException($"{bytes.File}: GGUF version {version}; supported are 2 and 3");
        int tensorCount = cursor.Count("tensors", least: 24, MaxTensors);
        int keyCount = cursor.Count("metadata keys", least: 13, MaxKeys);

        var values = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (int i = 0; i < keyCount; i++)
        {
            string key = cursor.Name("a metadata key");
            GgufValue value = ReadValue(ref cursor, key);
            if (!values.TryAdd(key, value)) throw cursor.Error($"the metadata key '{key}' occurs twice");
        }

        var metadata = new GgufMetadata(bytes, values);
        int alignment = metadata.OptionalInt("general.alignment", 1, MaxAlignment) ?? DefaultAlignment;
        if (!int.IsPow2(alignment)) throw metadata.Error("general.alignment", $"is {alignment}; it must be a power of two");
        return new GgufHeader(metadata, ReadTensors(ref cursor, bytes, tensorCount, alignment), alignment);
    }

    /// <summary>Bytes of one value of a type of fixed size; 0 for a text or an array.</summary>
    internal static int Size(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    private static GgufValue ReadValue(ref GgufCursor cursor, string key)
    {
        GgufValueType type = ReadType(ref cursor, key);
        bool isArray = type == GgufValueType.Array;
        int count = 1;
        if (isArray)
        {
            type = ReadType(ref cursor, key);
            if (type == GgufValueType.Array) throw cursor.Error($"metadata '{key}' is an array of arrays, which is not supported");
            count = cursor.Count($"items of '{key}'", least: type == GgufValueType.String ? 8 : Size(type), MaxItems);
        }

        long start = cursor.Position;
        if (type != GgufValueType.String) cursor.Skip((long)count * Size(type), $"metadata '{key}'");
        else
        {
            for (int i = 0; i < count; i++) cursor.SkipString($"metadata '{key}'");
        }

        return new GgufValue(type, isArray, count, start);
    }

    private static GgufValueType ReadType(ref GgufCursor cursor, string key)
    {
        uint type = cursor.UInt32($"the type of metadata '{key}'");
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw cursor.Error($"metadata '{key}' has the unknown type {type}");
    }

    private static Dictionary<string, GgufTensor> ReadTensors(ref GgufCursor cursor, MappedFile bytes, int count, int alignment)
    {
        var tensors = new List<GgufTensor>();
        var names = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            GgufTensor tensor = ReadTensor(ref cursor, alignment);
            if (!names.TryAdd(tensor.Name, tensor)) throw cursor.Error($"tensor '{tensor.Name}' occurs twice");
            tensors.Add(tensor);
        }

        // Offsets count from the first aligned byte after the list, which is known only now.
        long dataStart = (cursor.Position + alignment - 1) / alignment * alignment;
        long data = Math.Max(bytes.Length - dataStart, 0);
        GgufTensor? before = null;
        foreach (GgufTensor tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength))
        {
            if (tensor.Offset > data || tensor.ByteLength > data - tensor.Offset)
            {
                throw cursor.Error(
                    $"tensor '{tensor.Name}' lies at bytes {tensor.Offset} to {(UInt128)tensor.Offset + (UInt128)tensor.ByteLength} of "
                    + $"{data}: the file is truncated or its header is wrong");
            }

            if (before is not null && tensor.Offset < before.Offset + before.ByteLength)
                throw cursor.Error($"tensor '{tensor.Name}' overlaps '{before.Name}'");
            if (tensor.ByteLength > 0) before = tensor;
            names[tensor.Name] = tensor with { Offset = dataStart + tensor.Offset };
        }

        return names;
    }

    private static GgufTensor ReadTensor(ref GgufCursor cursor, int alignment)
    {
        string name = cursor.Name("a tensor's name");
        uint rank = cursor.UInt32($"the rank of tensor '{name}'");
        if (rank > MaxRank) throw cursor.Error($"tensor '{name}' has {rank} dimensions, more than {MaxRank}");
        long[] shape = new long[rank];
        UInt128 elements = 1;
        for (int i = (int)rank - 1; i >= 0; i--)
        {
            ulong size = cursor.UInt64($"the shape of tensor '{name}'");
            if (size > long.MaxValue) throw cursor.Error($"tensor '{name}' has a size of {size}");
            shape[i] = (long)size;
            elements = elements > long.MaxValue ? elements : elements * size;
        }

        uint number = cursor.UInt32($"the type of tensor '{name}'");
        if (!GgufTensorTypes.IsKnown(number))
        {
            throw cursor.Error(
                $"tensor '{name}' has the type {GgufTensorTypes.Describe(number)}, which is not supported; supported are f32, f16, bf16, "
                + "q8_0, q4_0, q4_K and q6_K");
        }

        var type = (GgufTensorType)number;
        long row = rank == 0 ? 1 : shape[^1];
        if (row % type.BlockElements() != 0)
            throw cursor.Error($"tensor '{name}' has rows of {row} values, not a multiple of the {type.BlockElements()} of {type.Name()}");
        UInt128 length = elements / (UInt128)type.BlockElements() * (UInt128)type.BlockBytes();
        ulong offset = cursor.UInt64($"the offset of tensor '{name}'");
        if (elements > long.MaxValue || length > long.MaxValue || offset > long.MaxValue)
            throw cursor.Error($"tensor '{name}' of shape [{string.Join(", ", shape)}] at {offset} is beyond any file");
        if (offset % (ulong)alignment != 0)
            throw cursor.Error($"tensor '{name}' lies at {offset}, not a multiple of the alignment {alignment}");
        return new GgufTensor(name, type, shape, (long)offset, (long)elements, (long)length);
    }
}
