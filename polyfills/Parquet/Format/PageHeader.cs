namespace Parquet.Format;

/// <summary>What stands before a page.</summary>
internal sealed class PageHeader
{
    public PageKind Kind { get; private set; } = (PageKind)(-1);

    /// <summary>Bytes after decompression.</summary>
    public int Unpacked { get; private set; }

    /// <summary>Bytes in the file.</summary>
    public int Packed { get; private set; }

    /// <summary>Values, missing ones included.</summary>
    public int Values { get; private set; }

    public PageEncoding Encoding { get; private set; }

    public PageEncoding DefinitionEncoding { get; private set; } = PageEncoding.Rle;

    public PageEncoding RepetitionEncoding { get; private set; } = PageEncoding.Rle;

    /// <summary>Bytes of the definition levels of a page of the second version.</summary>
    public int DefinitionBytes { get; private set; }

    /// <summary>Bytes of the repetition levels of a page of the second version.</summary>
    public int RepetitionBytes { get; private set; }

    /// <summary>Whether the values of a page of the second version are compressed at all.</summary>
    public bool IsCompressed { get; private set; } = true;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">What is left of the column.</param>
    /// <param name="length">Bytes of the header.</param>
    public static PageHeader Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new CompactReader(bytes, "header of a page");
        var header = new PageHeader();
        int id = 0;
        while (reader.Field(ref id, out CompactType type))
        {
            switch (id)
            {
                case 1: header.Kind = (PageKind)reader.Int(type); break;
                case 2: header.Unpacked = reader.Count(type); break;
                case 3: header.Packed = reader.Count(type); break;
                case 5 or 7 or 8: header.ReadDetails(ref reader, type, id == 8); break;
                default: reader.Skip(type); break;
            }
        }

        length = reader.Position;
        return header;
    }

    // Data pages of both versions and dictionary pages begin with the number of values; the rest differs.
    private void ReadDetails(ref CompactReader reader, CompactType type, bool second)
    {
        reader.ExpectStruct(type);
        int id = 0;
        while (reader.Field(ref id, out CompactType field))
        {
            switch (id)
            {
                case 1: Values = reader.Count(field); break;
                case 2 when !second: Encoding = (PageEncoding)reader.Int(field); break;
                case 3 when !second && field == CompactType.I32: DefinitionEncoding = (PageEncoding)reader.Int(field); break;
                case 4 when !second: RepetitionEncoding = (PageEncoding)reader.Int(field); break;
                case 4: Encoding = (PageEncoding)reader.Int(field); break;
                case 5 when second: DefinitionBytes = reader.Count(field); break;
                case 6 when second: RepetitionBytes = reader.Count(field); break;
                case 7 when second: IsCompressed = reader.Bool(field); break;
                default: reader.Skip(field); break;
            }
        }
    }
}
