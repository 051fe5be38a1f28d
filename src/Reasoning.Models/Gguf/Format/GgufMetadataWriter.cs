using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Reasoning.Models.Gguf.Format;

/// <summary>Collects keys and values in the form in which a GGUF file holds them.</summary>
internal sealed class GgufMetadataWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>Number of keys.</summary>
    public int Count => _keys.Count;

    internal ReadOnlySpan<byte> Bytes => _buffer.WrittenSpan;

    public void Add(string key, string value)
    {
        Begin(key, GgufValueType.String);
        Text(_buffer, value);
    }

    public void Add(string key, bool value)
    {
        Begin(key, GgufValueType.Bool);
        _buffer.Write([value ? (byte)1 : (byte)0]);
    }

    /// <summary>A whole number that is not negative, as an unsigned 32-bit integer.</summary>
    public void Add(string key, int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Begin(key, GgufValueType.UInt32);
        UInt32(_buffer, (uint)value);
    }

    /// <summary>A number in single precision.</summary>
    public void Add(string key, float value)
    {
        Begin(key, GgufValueType.Float32);
        UInt32(_buffer, BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, IReadOnlyCollection<string> values)
    {
        BeginArray(key, GgufValueType.String, values.Count);
        foreach (string value in values) Text(_buffer, value);
    }

    public void Add(string key, IReadOnlyCollection<float> values)
    {
        BeginArray(key, GgufValueType.Float32, values.Count);
        foreach (float value in values) UInt32(_buffer, BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, IReadOnlyCollection<int> values)
    {
        BeginArray(key, GgufValueType.Int32, values.Count);
        foreach (int value in values) UInt32(_buffer, (uint)value);
    }

    internal static void UInt32(ArrayBufferWriter<byte> buffer, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    internal static void UInt64(ArrayBufferWriter<byte> buffer, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    internal static void Text(ArrayBufferWriter<byte> buffer, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        UInt64(buffer, (ulong)length);
        Encoding.UTF8.GetBytes(text, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    private void BeginArray(string key, GgufValueType type, int count)
    {
        Begin(key, GgufValueType.Array);
        UInt32(_buffer, (uint)type);
        UInt64(_buffer, (ulong)count);
    }

    private void Begin(string key, GgufValueType type)
    {
        if (!_keys.Add(key)) throw new ArgumentException($"the key '{key}' occurs twice", nameof(key));
        Text(_buffer, key);
        UInt32(_buffer, (uint)type);
    }
}
