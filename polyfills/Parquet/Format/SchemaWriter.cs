using Parquet.Schema;

namespace Parquet.Format;

/// <summary>Turns the fields of a schema into the list of nodes of a footer.</summary>
internal static class SchemaWriter
{
    public static List<SchemaElement> Write(ParquetSchema schema)
    {
        var elements = new List<SchemaElement> { new() { Name = "root", Children = schema.Fields.Count } };
        foreach (Field field in schema.Fields) Add(field, elements);
        return elements;
    }

    /// <summary>The physical type in which values of a type are written.</summary>
    public static PhysicalType Physical(Type type)
    {
        if (type == typeof(bool)) return PhysicalType.Boolean;
        if (type == typeof(int)) return PhysicalType.Int32;
        if (type == typeof(long)) return PhysicalType.Int64;
        if (type == typeof(float)) return PhysicalType.Float;
        if (type == typeof(double)) return PhysicalType.Double;
        if (type == typeof(ReadOnlyMemory<char>)) return PhysicalType.ByteArray;
        throw new NotSupportedException($"the embedded backend does not write columns of {type.Name}");
    }

    private static void Add(Field field, List<SchemaElement> elements)
    {
        Repetition repetition = field.IsNullable ? Repetition.Optional : Repetition.Required;
        switch (field)
        {
            case DataField column:
                elements.Add(Column(column, repetition));
                break;
            case ListField list:
                elements.Add(new SchemaElement { Name = list.Name, Children = 1, Annotation = Annotation.List, Repetition = repetition });
                elements.Add(new SchemaElement { Name = list.ContainerName!, Children = 1, Repetition = Repetition.Repeated });
                Add(list.Item, elements);
                break;
            case StructField group:
                elements.Add(new SchemaElement { Name = group.Name, Children = group.Fields.Count, Repetition = repetition });
                foreach (Field child in group.Fields) Add(child, elements);
                break;
            default:
                throw new NotSupportedException($"the embedded backend does not write '{field.Path}', a {field.SchemaType}");
        }
    }

    private static SchemaElement Column(DataField column, Repetition repetition)
    {
        PhysicalType type = Physical(column.ClrType);
        return new SchemaElement
        {
            Name = column.Name,
            Type = type,
            Repetition = column.IsArray ? Repetition.Repeated : repetition,
            Annotation = type switch
            {
                PhysicalType.ByteArray => Annotation.Text,
                PhysicalType.Int32 or PhysicalType.Int64 => Annotation.Integer,
                _ => Annotation.None,
            },
            BitWidth = type == PhysicalType.Int64 ? 64 : 32,
        };
    }
}
