using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Reasoning.Models.Files;

namespace Reasoning.Models.Gguf.Format;

/// <summary>
/// The metadata of a GGUF file: key to value, read with checks. Each error names the file, the key and what was expected.
/// </summary>
public sealed class GgufMetadata
{
    private readonly MappedFile _bytes;
    private readonly Dictionary<string, GgufValue> _values;

    internal GgufMetadata(MappedFile bytes, Dictionary<string, GgufValue> values)
    {
        _bytes = bytes;
        _values = values;
    }

    /// <summary>All keys, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>What a key holds, or null.</summary>
    /// <exception cref="UserErrorException">The file was cut since it was opened.</exception>
    internal GgufValue? Find(string key)
    {
        _bytes.CheckLength();
        return _values.TryGetValue(key, out GgufValue value) ? value : null;
    }

    /// <summary>A text, or null where the key is absent.</summary>
    /// <exception cref="UserErrorException">It is not a text, or not UTF-8.</exception>
    public string? OptionalText(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.IsArray || value.Type != GgufValueType.String) throw Wrong(key, value, "a text");
        return Text(key, value.Offset, out _);
    }

    /// <summary>A text.</summary>
    /// <exception cref="UserErrorException">The key is absent, or it is not a text.</exception>
    public string Text(string key) => OptionalText(key) ?? throw Missing(key);

    /// <summary>The texts of an array, or null where the key is absent.</summary>
    public IEnumerable<string>? OptionalTexts(string key)
    {
        if (Find(key) is not { } value) return null;
        if (!value.IsArray || value.Type != GgufValueType.String) throw Wrong(key, value, "an array of texts");
        return Enumerate(key, value);
    }

    /// <summary>A whole number within limits, or null where the key is absent.</summary>
    public int? OptionalInt(string key, int min, int max)
    {
        if (Find(key) is not { } value) return null;
        if (value.IsArray || Integer(value.Type, value.Offset) is not { } number) throw Wrong(key, value, "a whole number");
        return number >= min && number <= max ? (int)number : throw Error(key, $"is {number}; it must be from {min} to {max}");
    }

    /// <summary>A whole number within limits.</summary>
    public int Int(string key, int min, int max) => OptionalInt(key, min, max) ?? throw Missing(key);

    /// <summary>A number within limits, or null where the key is absent.</summary>
    public double? OptionalReal(string key, double min, double max)
    {
        if (Find(key) is not { } value) return null;
        if (value.IsArray || Real(value.Type, value.Offset) is not { } number) throw Wrong(key, value, "a number");
        return number >= min && number <= max
            ? number
            : throw Error(key, FormattableString.Invariant($"is {number}; it must be from {min} to {max}"));
    }

    /// <summary>True or false, or null where the key is absent.</summary>
    public bool? OptionalBool(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.IsArray || value.Type != GgufValueType.Bool) throw Wrong(key, value, "true or false");
        return _bytes.At(value.Offset, 1)[0] != 0;
    }

    /// <summary>The whole numbers of an array, or null where the key is absent.</summary>
    public int[]? OptionalInts(string key)
    {
        if (Find(key) is not { } value) return null;
        if (!value.IsArray || value.Type is not (GgufValueType.Int32 or GgufValueType.UInt32))
            throw Wrong(key, value, "an array of integers");
        int[] numbers = new int[value.Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(_bytes.At(value.Offset + (4L * i), 4));
        return numbers;
    }

    /// <summary>The numbers of an array, or null where the key is absent.</summary>
    public float[]? OptionalReals(string key)
    {
        if (Find(key) is not { } value) return null;
        if (!value.IsArray || value.Type != GgufValueType.Float32) throw Wrong(key, value, "an array of numbers");
        float[] numbers = new float[value.Count];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(_bytes.At(value.Offset + (4L * i), 4));
        return numbers;
    }

    /// <summary>A value as it should appear in a list: short texts and numbers as they are, arrays by their length.</summary>
    public string Describe(string key)
    {
        GgufValue value = _values[key];
        if (value.IsArray) return $"{value.Count} × {value.Type}";
        if (value.Type == GgufValueType.Bool) return OptionalBool(key) == true ? "true" : "false";
        if (value.Type == GgufValueType.String) return Shorten(UserErrorException.OneLine(Text(key)));
        return Integer(value.Type, value.Offset) is { } whole
            ? whole.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Real(value.Type, value.Offset)!.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    internal UserErrorException Error(string key, string problem)
        => new(UserErrorException.OneLine($"{_bytes.File}: metadata '{key}' {problem}"));

    private UserErrorException Missing(string key) => Error(key, "is missing");

    private UserErrorException Wrong(string key, GgufValue value, string expected)
        => Error(key, $"must be {expected}, found {(value.IsArray ? "an array of " : "")}{value.Type}");

    private IEnumerable<string> Enumerate(string key, GgufValue value)
    {
        long offset = value.Offset;
        for (int i = 0; i < value.Count; i++)
        {
            yield return Text(key, offset, out int length);
            offset += 8 + length;
        }
    }

    private string Text(string key, long offset, out int length)
    {
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(_bytes.At(offset, 8));
        if (bytes > int.MaxValue / 2) throw Error(key, $"has a text of {bytes} bytes, which is too long");
        length = (int)bytes;
        ReadOnlySpan<byte> text = _bytes.At(offset + 8, length);
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Error(key, "is not UTF-8");
    }

    private long? Integer(GgufValueType type, long offset) => type switch
    {
        GgufValueType.UInt8 => _bytes.At(offset, 1)[0],
        GgufValueType.Int8 => (sbyte)_bytes.At(offset, 1)[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.At(offset, 2)),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(_bytes.At(offset, 2)),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.At(offset, 4)),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(_bytes.At(offset, 4)),
        GgufValueType.UInt64 => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(_bytes.At(offset, 8)), long.MaxValue),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(_bytes.At(offset, 8)),
        _ => null,
    };

    private double? Real(GgufValueType type, long offset) => type switch
    {
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(_bytes.At(offset, 4)),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(_bytes.At(offset, 8)),
        _ => Integer(type, offset),
    };

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
