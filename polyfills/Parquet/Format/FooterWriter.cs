using Parquet.Meta;

namespace Parquet.Format;

/// <summary>Writes the footer of a file.</summary>
internal static class FooterWriter
{
    public static void Write(Stream stream, FileMetaData file)
    {
        var writer = new CompactWriter(stream);
        writer.BeginItem();
        writer.Int(1, file.Version);
        writer.List(2, CompactType.Struct, file.Elements.Count);
        for (int i = 0; i < file.Elements.Count; i++) Element(writer, file.Elements[i], isRoot: i == 0);
        writer.Long(3, file.NumRows);
        writer.List(4, CompactType.Struct, file.RowGroups.Count);
        foreach (RowGroup group in file.RowGroups) Group(writer, group);
        if (file.KeyValues.Count > 0)
        {
            writer.List(5, CompactType.Struct, file.KeyValues.Count);
            foreach ((string key, string value) in file.KeyValues)
            {
                writer.BeginItem();
                writer.Text(1, key);
                writer.Text(2, value);
                writer.End();
            }
        }

        writer.Text(6, file.CreatedBy!);
        writer.End();
    }

    private static void Element(CompactWriter writer, SchemaElement element, bool isRoot)
    {
        writer.BeginItem();
        if (element.Type is { } type) writer.Int(1, (int)type);
        if (!isRoot) writer.Int(3, (int)element.Repetition);
        writer.Text(4, element.Name);
        if (element.Type is null) writer.Int(5, element.Children);
        switch (element.Annotation)
        {
            case Annotation.Text:
                writer.Int(6, 0);
                Logical(writer, 1);
                break;
            case Annotation.List:
                writer.Int(6, 3);
                Logical(writer, 3);
                break;
            case Annotation.Integer:
                writer.Int(6, element.BitWidth == 64 ? 18 : 17);
                writer.Begin(10);
                writer.Begin(10);
                writer.Byte(1, (sbyte)element.BitWidth);
                writer.Bool(2, true);
                writer.End();
                writer.End();
                break;
        }

        writer.End();
    }

    // The logical types are a union of structures, most of them empty.
    private static void Logical(CompactWriter writer, int kind)
    {
        writer.Begin(10);
        writer.Begin(kind);
        writer.End();
        writer.End();
    }

    private static void Group(CompactWriter writer, RowGroup group)
    {
        writer.BeginItem();
        writer.List(1, CompactType.Struct, group.Columns.Count);
        foreach (ColumnChunk column in group.Columns)
        {
            writer.BeginItem();
            writer.Long(2, 0);
            writer.Begin(3);
            Column(writer, column.MetaData!);
            writer.End();
            writer.End();
        }

        writer.Long(2, group.TotalByteSize);
        writer.Long(3, group.NumRows);
        writer.End();
    }

    private static void Column(CompactWriter writer, ColumnMetaData data)
    {
        writer.Int(1, (int)data.Physical);
        writer.List(2, CompactType.I32, data.UsedEncodings.Count);
        foreach (PageEncoding encoding in data.UsedEncodings) writer.IntItem((int)encoding);
        writer.List(3, CompactType.Binary, data.PathInSchema.Count);
        foreach (string part in data.PathInSchema) writer.TextItem(part);
        writer.Int(4, (int)data.Codec);
        writer.Long(5, data.NumValues);
        writer.Long(6, data.TotalUncompressedSize);
        writer.Long(7, data.TotalCompressedSize);
        writer.Long(9, data.DataPageOffset);
        if (data.DictionaryPageOffset is { } dictionary) writer.Long(11, dictionary);
        writer.Begin(12);
        writer.Long(3, data.NullCount);
        writer.End();
    }
}
