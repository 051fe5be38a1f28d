using Parquet.Meta;

namespace Parquet.Format;

/// <summary>Reads the footer of a file: schema, row groups, and where their columns lie.</summary>
internal static class FooterReader
{
    private const int MaxElements = 100_000;

    public static FileMetaData Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes, "footer");
        var file = new FileMetaData();
        int id = 0;
        while (reader.Field(ref id, out CompactType type))
        {
            switch (id)
            {
                case 1: file.Version = reader.Int(type); break;
                case 2: ReadElements(ref reader, type, file.Elements); break;
                case 3: file.NumRows = Whole(reader.Long(type), "rows"); break;
                case 4: ReadRowGroups(ref reader, type, file.RowGroups); break;
                case 5: ReadKeyValues(ref reader, type, file.KeyValues); break;
                case 6: file.CreatedBy = reader.Text(type); break;
                default: reader.Skip(type); break;
            }
        }

        return file.Elements.Count > 0 ? file : throw new ParquetException("the footer is damaged: it has no schema");
    }

    private static void ReadElements(ref CompactReader reader, CompactType type, List<SchemaElement> elements)
    {
        int count = reader.List(type, CompactType.Struct);
        if (count > MaxElements) throw new ParquetException($"the schema has {count} nodes; at most {MaxElements} are read");
        for (int i = 0; i < count; i++) elements.Add(ReadElement(ref reader));
    }

    private static SchemaElement ReadElement(ref CompactReader reader)
    {
        var element = new SchemaElement();
        Annotation converted = Annotation.None;
        int id = 0;
        while (reader.Field(ref id, out CompactType type))
        {
            switch (id)
            {
                case 1: element.Type = Known<PhysicalType>(reader.Int(type), "physical type"); break;
                case 2: element.TypeLength = reader.Count(type); break;
                case 3: element.Repetition = Known<Repetition>(reader.Int(type), "repetition"); break;
                case 4: element.Name = reader.Text(type); break;
                case 5: element.Children = reader.Count(type); break;
                case 6: converted = Converted(reader.Int(type), element); break;
                case 7: element.Scale = reader.Int(type); break;
                case 8: element.Precision = reader.Int(type); break;
                case 10: ReadLogicalType(ref reader, type, element); break;
                default: reader.Skip(type); break;
            }
        }

        if (element.Annotation is Annotation.None or Annotation.Other && converted != Annotation.None) element.Annotation = converted;
        return element;
    }

    private static Annotation Converted(int number, SchemaElement element)
    {
        if (number is >= 11 and <= 18)
        {
            element.BitWidth = 8 << ((number - 11) % 4);
            element.IsSigned = number >= 15;
            return Annotation.Integer;
        }

        return number switch
        {
            0 => Annotation.Text,
            1 or 2 => Annotation.Map,
            3 => Annotation.List,
            5 => Annotation.Decimal,
            6 => Annotation.Date,
            7 => Annotation.TimeMillis,
            8 => Annotation.TimeMicrosOrNanos,
            9 or 10 => Annotation.Timestamp,
            21 => Annotation.Interval,
            _ => Annotation.Other,
        };
    }

    // A union: the number of its only field says which type it is.
    private static void ReadLogicalType(ref CompactReader reader, CompactType type, SchemaElement element)
    {
        reader.ExpectStruct(type);
        int id = 0;
        while (reader.Field(ref id, out CompactType field))
        {
            element.Annotation = id switch
            {
                1 or 4 => Annotation.Text,
                2 => Annotation.Map,
                3 => Annotation.List,
                5 => Annotation.Decimal,
                6 => Annotation.Date,
                7 => Annotation.TimeMicrosOrNanos,
                8 => Annotation.Timestamp,
                10 => Annotation.Integer,
                14 => Annotation.Uuid,
                15 => Annotation.Float16,
                _ => Annotation.Other,
            };
            if (element.Annotation == Annotation.Integer) ReadInteger(ref reader, field, element);
            else if (element.Annotation == Annotation.Decimal) ReadDecimal(ref reader, field, element);
            else reader.Skip(field);
        }

        if (element is { Annotation: Annotation.TimeMicrosOrNanos, Type: PhysicalType.Int32 }) element.Annotation = Annotation.TimeMillis;
    }

    private static void ReadInteger(ref CompactReader reader, CompactType type, SchemaElement element)
    {
        reader.ExpectStruct(type);
        int id = 0;
        while (reader.Field(ref id, out CompactType field))
        {
            if (id == 1) element.BitWidth = reader.Int(field);
            else if (id == 2) element.IsSigned = reader.Bool(field);
            else reader.Skip(field);
        }
    }

    private static void ReadDecimal(ref CompactReader reader, CompactType type, SchemaElement element)
    {
        reader.ExpectStruct(type);
        int id = 0;
        while (reader.Field(ref id, out CompactType field))
        {
            if (id == 1) element.Scale = reader.Int(field);
            else if (id == 2) element.Precision = reader.Int(field);
            else reader.Skip(field);
        }
    }

    private static void ReadRowGroups(ref CompactReader reader, CompactType type, List<RowGroup> groups)
    {
        for (int left = reader.List(type, CompactType.Struct); left > 0; left--)
        {
            var group = new RowGroup();
            int id = 0;
            while (reader.Field(ref id, out CompactType field))
            {
                switch (id)
                {
                    case 1:
                        for (int columns = reader.List(field, CompactType.Struct); columns > 0; columns--)
                            group.Columns.Add(ReadColumn(ref reader));
                        break;
                    case 2: group.TotalByteSize = reader.Long(field); break;
                    case 3: group.NumRows = Whole(reader.Long(field), "rows"); break;
                    default: reader.Skip(field); break;
                }
            }

            groups.Add(group);
        }
    }

    private static ColumnChunk ReadColumn(ref CompactReader reader)
    {
        var chunk = new ColumnChunk();
        int id = 0;
        while (reader.Field(ref id, out CompactType type))
        {
            if (id == 1) chunk.FilePath = reader.Text(type);
            else if (id == 3) chunk.MetaData = ReadMetaData(ref reader, type);
            else reader.Skip(type);
        }

        return chunk;
    }

    private static ColumnMetaData ReadMetaData(ref CompactReader reader, CompactType type)
    {
        reader.ExpectStruct(type);
        var data = new ColumnMetaData();
        int id = 0;
        while (reader.Field(ref id, out CompactType field))
        {
            switch (id)
            {
                case 1: data.Physical = Known<PhysicalType>(reader.Int(field), "physical type"); break;
                case 3:
                    for (int left = reader.List(field, CompactType.Binary); left > 0; left--)
                        data.PathInSchema.Add(reader.Text(CompactType.Binary));
                    break;
                case 4: data.Codec = (CompressionCodec)reader.Int(field); break;
                case 5: data.NumValues = Whole(reader.Long(field), "values"); break;
                case 6: data.TotalUncompressedSize = Whole(reader.Long(field), "bytes"); break;
                case 7: data.TotalCompressedSize = Whole(reader.Long(field), "bytes"); break;
                case 9: data.DataPageOffset = reader.Long(field); break;
                case 10: data.IndexPageOffset = reader.Long(field); break;
                case 11: data.DictionaryPageOffset = reader.Long(field); break;
                default: reader.Skip(field); break;
            }
        }

        return data;
    }

    private static void ReadKeyValues(ref CompactReader reader, CompactType type, Dictionary<string, string> values)
    {
        for (int left = reader.List(type, CompactType.Struct); left > 0; left--)
        {
            string key = "", value = "";
            int id = 0;
            while (reader.Field(ref id, out CompactType field))
            {
                if (id == 1) key = reader.Text(field);
                else if (id == 2) value = reader.Text(field);
                else reader.Skip(field);
            }

            values[key] = value;
        }
    }

    private static T Known<T>(int number, string what)
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), number);
        return Enum.IsDefined(value) ? value : throw new ParquetException($"the footer is damaged: {what} {number} does not exist");
    }

    private static long Whole(long value, string what) =>
        value >= 0 ? value : throw new ParquetException($"the footer is damaged: {value} {what}");
}
