using System.Text;

namespace Parquet.Format;

/// <summary>
/// Reads the compact protocol of Thrift. No declared size is believed: it is compared with the bytes that are left before anything is
/// allocated, and nesting is limited.
/// </summary>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes, string what)
{
    private const int MaxDepth = 32;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _what = what;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>The next field of a structure.</summary>
    /// <param name="id">Number of the field before, 0 at the beginning; number of this one afterwards.</param>
    /// <param name="type">Its type. A truth value is in the type itself.</param>
    /// <returns>Whether there is one.</returns>
    public bool Field(ref int id, out CompactType type)
    {
        byte head = Next();
        type = (CompactType)(head & 0x0F);
        if (type == CompactType.Stop) return false;
        if (type > CompactType.Struct) throw Damaged($"type {(int)type} does not exist");
        id = head >> 4 == 0 ? (int)Zigzag() : id + (head >> 4);
        return id is > 0 and <= short.MaxValue ? true : throw Damaged($"field number {id}");
    }

    public bool Bool(CompactType type) => type switch
    {
        CompactType.True => true,
        CompactType.False => false,
        _ => throw Damaged($"expected a truth value, found {type}"),
    };

    public int Int(CompactType type)
    {
        if (type == CompactType.Byte) return (sbyte)Next();
        Expect(type, CompactType.I32, CompactType.I16);
        long value = Zigzag();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Damaged($"{value} where 32 bits are expected");
    }

    /// <summary>A number that counts something.</summary>
    public int Count(CompactType type)
    {
        int value = Int(type);
        return value >= 0 ? value : throw Damaged($"a count of {value}");
    }

    public long Long(CompactType type)
    {
        Expect(type, CompactType.I64, CompactType.I64);
        return Zigzag();
    }

    public string Text(CompactType type)
    {
        Expect(type, CompactType.Binary, CompactType.Binary);
        ReadOnlySpan<byte> text = Binary();
        try
        {
            return s_strict.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new ParquetException($"the {_what} is damaged: a name is not valid UTF-8", e);
        }
    }

    /// <summary>The head of a list: how many items follow, and of what type.</summary>
    public int List(CompactType type, CompactType item)
    {
        Expect(type, CompactType.List, CompactType.List);
        int count = ListHead(out CompactType found);
        if (count > 0 && found != item) throw Damaged($"expected a list of {item}, found one of {found}");
        return count;
    }

    public readonly void ExpectStruct(CompactType type) => Expect(type, CompactType.Struct, CompactType.Struct);

    /// <summary>Passes over a field of no interest.</summary>
    public void Skip(CompactType type) => Skip(type, MaxDepth);

    private void Skip(CompactType type, int depth)
    {
        if (depth == 0) throw Damaged($"nested more than {MaxDepth} deep");
        switch (type)
        {
            case CompactType.True or CompactType.False:
                break;
            case CompactType.Byte:
                Next();
                break;
            case CompactType.I16 or CompactType.I32 or CompactType.I64:
                Varint();
                break;
            case CompactType.Double:
                Take(8);
                break;
            case CompactType.Binary:
                Binary();
                break;
            case CompactType.Struct:
                int id = 0;
                while (Field(ref id, out CompactType field)) Skip(field, depth - 1);
                break;
            case CompactType.List or CompactType.Set:
                for (int left = ListHead(out CompactType item); left > 0; left--) SkipItem(item, depth - 1);
                break;
            case CompactType.Map:
                SkipMap(depth);
                break;
            default:
                throw Damaged($"type {type}");
        }
    }

    private void SkipMap(int depth)
    {
        int count = Size();
        if (count == 0) return;
        byte types = Next();
        for (; count > 0; count--)
        {
            SkipItem((CompactType)(types >> 4), depth - 1);
            SkipItem((CompactType)(types & 0x0F), depth - 1);
        }
    }

    // In a list a truth value takes a byte of its own.
    private void SkipItem(CompactType type, int depth)
    {
        if (type is CompactType.True or CompactType.False) Next();
        else Skip(type, depth);
    }

    private int ListHead(out CompactType item)
    {
        byte head = Next();
        item = (CompactType)(head & 0x0F);
        if (head >> 4 != 15) return Fits(head >> 4);
        return Size();
    }

    private ReadOnlySpan<byte> Binary() => Take(Size());

    // Whatever is counted takes at least a byte of what is left.
    private int Size()
    {
        ulong size = Varint();
        return size <= int.MaxValue ? Fits((int)size) : throw Damaged($"a size of {size}");
    }

    private readonly int Fits(int size) =>
        size <= _bytes.Length - Position ? size : throw Damaged($"a size of {size} with {_bytes.Length - Position} bytes left");

    private long Zigzag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Next();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw Damaged("a number of more than 64 bits");
    }

    private byte Next() => Position < _bytes.Length ? _bytes[Position++] : throw Damaged("it ends too early");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - Position) throw Damaged("it ends too early");
        Position += length;
        return _bytes.Slice(Position - length, length);
    }

    private readonly void Expect(CompactType found, CompactType expected, CompactType alternative)
    {
        if (found != expected && found != alternative) throw Damaged($"expected {expected}, found {found}");
    }

    private readonly ParquetException Damaged(string how) => new($"the {_what} is damaged: {how}");
}
