using System.Buffers.Binary;
using System.Numerics;
using Parquet.Encodings;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet.Format;

/// <summary>Reads the pages of a column of a row group into the caller's memory.</summary>
/// <param name="field">The column.</param>
/// <param name="element">The same in the footer.</param>
/// <param name="data">What the footer says about it.</param>
/// <param name="bytes">All its pages.</param>
internal sealed class ColumnReader<T>(DataField field, SchemaElement element, ColumnMetaData data, ReadOnlyMemory<byte> bytes)
    where T : struct
{
    private readonly int _expected = (int)data.NumValues;
    private T[]? _dictionary;
    private int _levels;
    private int _values;

    /// <summary>Reads all of it. Values that are missing take no place in <paramref name="values"/>.</summary>
    public void Read(Span<T> values, Span<int> definition, Span<int> repetition)
    {
        while (_levels < _expected)
        {
            if (bytes.IsEmpty) throw Error($"the column ends after {_levels} of {_expected} values");
            PageHeader header = PageHeader.Read(bytes.Span, out int length);
            bytes = bytes[length..];
            if (header.Packed > bytes.Length)
                throw Error($"the column ends within a page of {header.Packed} bytes");
            ReadOnlyMemory<byte> page = bytes[..header.Packed];
            bytes = bytes[header.Packed..];
            switch (header.Kind)
            {
                case PageKind.Dictionary:
                    ReadDictionary(header, page);
                    break;
                case PageKind.Data:
                    ReadData(header, page, values, definition, repetition);
                    break;
                case PageKind.DataV2:
                    ReadDataV2(header, page, values, definition, repetition);
                    break;
                case PageKind.Index:
                    break;
                default:
                    throw Error($"a page of kind {(int)header.Kind}");
            }
        }
    }

    private void ReadDictionary(PageHeader header, ReadOnlyMemory<byte> page)
    {
        if (_dictionary is not null) throw Error("the column has two dictionaries");
        if (header.Encoding is not (PageEncoding.Plain or PageEncoding.PlainDictionary))
            throw Error($"a dictionary in encoding {header.Encoding}");
        ReadOnlySpan<byte> plain = Codec.Unpack(data.Codec, page, header.Unpacked).Span;
        int bits = PlainReader.MinBits(element);
        if (bits == 0 || (long)header.Values * bits > 8L * plain.Length)
            throw Error($"a dictionary of {header.Values} values in {plain.Length} bytes");
        _dictionary = new T[header.Values];
        PlainReader.Read<T>(plain, element, _dictionary);
    }

    private void ReadData(PageHeader header, ReadOnlyMemory<byte> packed, Span<T> values, Span<int> definition, Span<int> repetition)
    {
        ReadOnlySpan<byte> page = Codec.Unpack(data.Codec, packed, header.Unpacked).Span;
        int count = Count(header);
        if (field.MaxRepetitionLevel > 0)
        {
            CheckLevels(header.RepetitionEncoding);
            Levels(TakeLevels(ref page), field.MaxRepetitionLevel, repetition.Slice(_levels, count));
        }

        int present = count;
        if (field.MaxDefinitionLevel > 0)
        {
            CheckLevels(header.DefinitionEncoding);
            present = Definition(TakeLevels(ref page), definition.Slice(_levels, count));
        }

        ReadValues(header.Encoding, page, values.Slice(_values, present));
        _levels += count;
        _values += present;
    }

    private void ReadDataV2(PageHeader header, ReadOnlyMemory<byte> page, Span<T> values, Span<int> definition, Span<int> repetition)
    {
        int count = Count(header);
        long levels = (long)header.RepetitionBytes + header.DefinitionBytes;
        if (levels > page.Length || levels > header.Unpacked) throw Error($"a page has {levels} bytes of levels");
        ReadOnlyMemory<byte> rest = page[(int)levels..];
        if (field.MaxRepetitionLevel > 0)
            Levels(page.Span[..header.RepetitionBytes], field.MaxRepetitionLevel, repetition.Slice(_levels, count));
        int present = field.MaxDefinitionLevel == 0
            ? count
            : Definition(page.Span[header.RepetitionBytes..(int)levels], definition.Slice(_levels, count));
        if (header.IsCompressed) rest = Codec.Unpack(data.Codec, rest, header.Unpacked - (int)levels);
        ReadValues(header.Encoding, rest.Span, values.Slice(_values, present));
        _levels += count;
        _values += present;
    }

    private int Count(PageHeader header) => header.Values <= _expected - _levels
        ? header.Values
        : throw Error($"its pages have more than the {_expected} values of the footer");

    private void CheckLevels(PageEncoding encoding)
    {
        if (encoding != PageEncoding.Rle) throw new NotSupportedException($"'{field.Path}': levels in the old encoding {encoding}");
    }

    private ReadOnlySpan<byte> TakeLevels(ref ReadOnlySpan<byte> page)
    {
        int length = page.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(page);
        if (length < 0 || length > page.Length - 4) throw Error("the levels of a page are longer than the page");
        ReadOnlySpan<byte> levels = page.Slice(4, length);
        page = page[(4 + length)..];
        return levels;
    }

    private void Levels(ReadOnlySpan<byte> levels, int most, Span<int> target)
    {
        new RleReader(levels, BitOperations.Log2((uint)most) + 1).Read(target);
        if (target.ContainsAnyExceptInRange(0, most)) throw Error($"a level above {most}");
    }

    private int Definition(ReadOnlySpan<byte> levels, Span<int> target)
    {
        Levels(levels, field.MaxDefinitionLevel, target);
        return target.Count(field.MaxDefinitionLevel);
    }

    private void ReadValues(PageEncoding encoding, ReadOnlySpan<byte> page, Span<T> values)
    {
        if (values.IsEmpty) return;
        switch (encoding)
        {
            case PageEncoding.Plain:
                PlainReader.Read(page, element, values);
                break;
            case PageEncoding.PlainDictionary or PageEncoding.RleDictionary:
                ReadIndexes(page, values);
                break;
            case PageEncoding.Rle when typeof(T) == typeof(bool):
                ReadBooleans(TakeLevels(ref page), Values.As<T, bool>(values));
                break;
            case PageEncoding.DeltaBinaryPacked when element.Type is PhysicalType.Int32 or PhysicalType.Int64:
                var integers = new long[values.Length];
                DeltaReader.Read(page, integers);
                Values.FromIntegers(integers, element, values);
                break;
            case PageEncoding.DeltaLengthByteArray:
                ByteArrayReader.ReadLengths(page, element, values);
                break;
            case PageEncoding.DeltaByteArray:
                ByteArrayReader.ReadPrefixed(page, element, values);
                break;
            case PageEncoding.ByteStreamSplit:
                ByteStreamSplit.Read(page, element, values);
                break;
            default:
                throw new NotSupportedException($"'{field.Path}': values of type {element.Type} in encoding {encoding}");
        }
    }

    private void ReadIndexes(ReadOnlySpan<byte> page, Span<T> values)
    {
        if (_dictionary is null) throw Error("a page refers to a dictionary, and there is none");
        if (page.IsEmpty) throw Error("a page is empty");
        var indexes = new int[values.Length];
        new RleReader(page[1..], page[0]).Read(indexes);
        for (int i = 0; i < values.Length; i++)
        {
            if ((uint)indexes[i] >= (uint)_dictionary.Length)
                throw Error($"a page refers to value {(uint)indexes[i]} of a dictionary of {_dictionary.Length}");
            values[i] = _dictionary[indexes[i]];
        }
    }

    private static void ReadBooleans(ReadOnlySpan<byte> page, Span<bool> values)
    {
        var bits = new int[values.Length];
        new RleReader(page, 1).Read(bits);
        for (int i = 0; i < bits.Length; i++) values[i] = bits[i] != 0;
    }

    private ParquetException Error(string what) => new($"'{field.Path}': {what}");
}
