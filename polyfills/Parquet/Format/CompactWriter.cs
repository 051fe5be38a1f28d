using System.Text;

namespace Parquet.Format;

/// <summary>Writes the compact protocol of Thrift.</summary>
internal sealed class CompactWriter(Stream stream)
{
    private readonly Stack<int> _outer = new();
    private int _last;

    /// <summary>Begins a structure that is a field of the one that is open.</summary>
    public void Begin(int field)
    {
        Head(field, CompactType.Struct);
        BeginItem();
    }

    /// <summary>Begins a structure that is an item of a list, or the outermost one.</summary>
    public void BeginItem()
    {
        _outer.Push(_last);
        _last = 0;
    }

    public void End()
    {
        stream.WriteByte((byte)CompactType.Stop);
        _last = _outer.Pop();
    }

    public void Bool(int field, bool value) => Head(field, value ? CompactType.True : CompactType.False);

    public void Byte(int field, sbyte value)
    {
        Head(field, CompactType.Byte);
        stream.WriteByte((byte)value);
    }

    public void Int(int field, int value)
    {
        Head(field, CompactType.I32);
        Zigzag(value);
    }

    public void Long(int field, long value)
    {
        Head(field, CompactType.I64);
        Zigzag(value);
    }

    public void Text(int field, string value)
    {
        Head(field, CompactType.Binary);
        TextItem(value);
    }

    public void TextItem(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Varint((ulong)bytes.Length);
        stream.Write(bytes);
    }

    public void IntItem(int value) => Zigzag(value);

    /// <summary>The head of a list; its items follow.</summary>
    public void List(int field, CompactType item, int count)
    {
        Head(field, CompactType.List);
        if (count < 15)
        {
            stream.WriteByte((byte)((count << 4) | (int)item));
            return;
        }

        stream.WriteByte((byte)(0xF0 | (int)item));
        Varint((ulong)count);
    }

    private void Head(int field, CompactType type)
    {
        int step = field - _last;
        if (step is > 0 and <= 15)
        {
            stream.WriteByte((byte)((step << 4) | (int)type));
        }
        else
        {
            stream.WriteByte((byte)type);
            Zigzag(field);
        }

        _last = field;
    }

    private void Zigzag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
