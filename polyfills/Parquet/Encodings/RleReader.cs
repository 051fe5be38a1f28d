using System.Runtime.CompilerServices;

namespace Parquet.Encodings;

/// <summary>
/// The hybrid of runs and packed bits in which levels, dictionary indexes and truth values are written: a number whose last bit tells
/// which of the two follows, then one value for a run, or groups of eight values of a fixed number of bits.
/// </summary>
internal ref struct RleReader(ReadOnlySpan<byte> bytes, int width)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly int _width = width is >= 0 and <= 32 ? width : throw new ParquetException($"values of {width} bits");
    private int _at;

    /// <summary>Fills the whole of <paramref name="values"/>.</summary>
    public void Read(Span<int> values)
    {
        if (_width == 0)
        {
            values.Clear();
            return;
        }

        while (values.Length > 0)
        {
            ulong head = Varint();
            int count = (head & 1) == 0 ? Run(head >> 1, values) : Packed(head >> 1, values);
            values = values[count..];
        }
    }

    private int Run(ulong length, Span<int> values)
    {
        int size = (_width + 7) / 8;
        if (_bytes.Length - _at < size) throw Ended();
        int value = 0;
        for (int i = 0; i < size; i++) value |= _bytes[_at + i] << (8 * i);
        _at += size;
        int count = (int)Math.Min(length, (ulong)values.Length);
        values[..count].Fill(value);
        return count;
    }

    private int Packed(ulong groups, Span<int> values)
    {
        int count = (int)Math.Min(groups * 8, (ulong)values.Length);
        // Some writers leave out the padding of the last group.
        long needed = (((long)count * _width) + 7) / 8;
        if (needed > _bytes.Length - _at) throw Ended();
        Unpack(_bytes[_at..], values[..count]);
        ulong length = groups * (ulong)_width;
        _at = length > (ulong)(_bytes.Length - _at) ? _bytes.Length : _at + (int)length;
        return count;
    }

    private readonly void Unpack(ReadOnlySpan<byte> bytes, Span<int> values)
    {
        ulong buffer = 0, mask = (1UL << _width) - 1;
        int bits = 0, at = 0;
        for (int i = 0; i < values.Length; i++)
        {
            for (; bits < _width; bits += 8) buffer |= (ulong)bytes[at++] << bits;
            values[i] = (int)(buffer & mask);
            buffer >>= _width;
            bits -= _width;
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (_at >= _bytes.Length) throw Ended();
            byte part = _bytes[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new ParquetException("a run is too long");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ParquetException Ended() => new("a page has fewer values than it says");
}
