using Parquet.Schema;

namespace Parquet.Format;

/// <summary>Builds the fields of a schema from the list of nodes in a footer.</summary>
internal sealed class SchemaReader
{
    private const int MaxDepth = 32;

    private readonly List<SchemaElement> _elements;
    private readonly Dictionary<FieldPath, SchemaElement> _leaves = [];
    private int _next;

    private SchemaReader(List<SchemaElement> elements) => _elements = elements;

    /// <summary>The schema, and for every column the node that describes it.</summary>
    public static ParquetSchema Read(List<SchemaElement> elements, out IReadOnlyDictionary<FieldPath, SchemaElement> leaves)
    {
        var reader = new SchemaReader(elements);
        List<Field> fields = reader.Children(reader.Next(), new FieldPath(), MaxDepth);
        if (fields.Count == 0) throw new ParquetException("the schema has no columns");
        if (reader._next < elements.Count)
            throw new ParquetException($"the schema is damaged: {elements.Count - reader._next} nodes belong to no group");
        foreach (Field field in fields) field.Place(null);
        leaves = reader._leaves;
        return new ParquetSchema(fields);
    }

    private List<Field> Children(SchemaElement group, FieldPath path, int depth)
    {
        var fields = new List<Field>();
        for (int left = group.Children; left > 0; left--) fields.Add(Read(path, depth - 1));
        return fields;
    }

    private Field Read(FieldPath parent, int depth)
    {
        if (depth == 0) throw new ParquetException($"the schema is nested more than {MaxDepth} deep");
        SchemaElement element = Next();
        FieldPath path = parent + new FieldPath(element.Name);
        if (element.Type is { } type) return Column(element, type, path);
        if (element.Children == 0) throw new ParquetException($"the schema is damaged: the group '{path}' is empty");
        bool optional = element.Repetition == Repetition.Optional;
        switch (element.Annotation)
        {
            case Annotation.List:
                return List(element, path, depth, optional);
            case Annotation.Map:
                return Map(element, path, depth, optional);
            default:
                if (element.Repetition != Repetition.Repeated)
                    return new StructField(element.Name, Children(element, path, depth)) { IsNullable = optional };
                if (element.Children != 1)
                    throw new NotSupportedException($"'{path}' is a repeated group of {element.Children} fields without a list around it");
                return new ListField(element.Name, element.Name) { IsImplicit = true, Item = Read(path, depth - 1) };
        }
    }

    private ListField List(SchemaElement element, FieldPath path, int depth, bool optional)
    {
        if (element.Children != 1) throw new ParquetException($"the list '{path}' has {element.Children} children instead of 1");
        SchemaElement middle = Peek();
        if (middle.Repetition != Repetition.Repeated) throw new ParquetException($"the list '{path}' contains nothing that is repeated");
        if (middle.Type is not null) return new ListField(element.Name, null) { IsNullable = optional, Item = Read(path, depth - 1) };
        if (middle.Children != 1)
            throw new NotSupportedException($"the list '{path}' has the two levels of old writers; only lists of three levels are read");
        Next();
        Field item = Read(path + new FieldPath(middle.Name), depth - 1);
        return new ListField(element.Name, middle.Name) { IsNullable = optional, Item = item };
    }

    private MapField Map(SchemaElement element, FieldPath path, int depth, bool optional)
    {
        if (element.Children != 1) throw new ParquetException($"the map '{path}' has {element.Children} children instead of 1");
        SchemaElement middle = Next();
        if (middle.Children != 2) throw new NotSupportedException($"the map '{path}' does not consist of keys and values");
        FieldPath inner = path + new FieldPath(middle.Name);
        Field key = Read(inner, depth - 1);
        return new MapField(element.Name, middle.Name, key, Read(inner, depth - 1)) { IsNullable = optional };
    }

    private DataField Column(SchemaElement element, PhysicalType type, FieldPath path)
    {
        DataField field = element.Annotation == Annotation.Decimal
            ? new DecimalDataField(
                element.Name, Math.Max(1, element.Precision ?? ParquetOptions.DefaultPrecision), Scale(element, path))
            : new DataField(element.Name, ClrType(element, type));
        field.IsNullable = element.Repetition != Repetition.Required;
        field.IsArray = element.Repetition == Repetition.Repeated;
        return _leaves.TryAdd(path, element) ? field : throw new ParquetException($"the schema has two columns '{path}'");
    }

    private static int Scale(SchemaElement element, FieldPath path)
    {
        int precision = Math.Max(1, element.Precision ?? ParquetOptions.DefaultPrecision);
        int scale = element.Scale ?? (element.Precision is null ? ParquetOptions.DefaultScale : 0);
        return scale >= 0 && scale <= precision
            ? scale
            : throw new ParquetException($"the schema is damaged: '{path}' has {precision} digits, {scale} of them after the point");
    }

    private static Type ClrType(SchemaElement element, PhysicalType type) => element.Annotation switch
    {
        Annotation.Text => typeof(string),
        Annotation.Integer => element.BitWidth switch
        {
            8 => element.IsSigned ? typeof(sbyte) : typeof(byte),
            16 => element.IsSigned ? typeof(short) : typeof(ushort),
            32 => element.IsSigned ? typeof(int) : typeof(uint),
            64 => element.IsSigned ? typeof(long) : typeof(ulong),
            _ => throw new ParquetException($"the schema is damaged: '{element.Name}' has integers of {element.BitWidth} bits"),
        },
        Annotation.Float16 => typeof(Half),
        Annotation.Date or Annotation.Timestamp => typeof(DateTime),
        Annotation.TimeMillis => typeof(int),
        Annotation.TimeMicrosOrNanos => typeof(long),
        Annotation.Uuid when type == PhysicalType.FixedLenByteArray => typeof(Guid),
        _ => type switch
        {
            PhysicalType.Boolean => typeof(bool),
            PhysicalType.Int32 => typeof(int),
            PhysicalType.Int64 => typeof(long),
            PhysicalType.Int96 => typeof(DateTime),
            PhysicalType.Float => typeof(float),
            PhysicalType.Double => typeof(double),
            _ => typeof(byte[]),
        },
    };

    private SchemaElement Next()
    {
        SchemaElement element = Peek();
        _next++;
        return element;
    }

    private SchemaElement Peek() => _next < _elements.Count
        ? _elements[_next]
        : throw new ParquetException("the schema is damaged: a group has more children than there are nodes");
}
