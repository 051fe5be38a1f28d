namespace Parquet.Schema;

/// <summary>The fields of a file.</summary>
public class ParquetSchema
{
    private readonly List<Field> _fields;

    /// <summary>Makes a schema; its fields know their levels from here on.</summary>
    public ParquetSchema(IEnumerable<Field> fields)
    {
        _fields = [.. fields];
        if (_fields.Count == 0) throw new ArgumentException("at least one field is required", nameof(fields));
        foreach (Field field in _fields) field.PropagateLevels(0, 0);
    }

    public ParquetSchema(params Field[] fields)
        : this((IEnumerable<Field>)fields)
    {
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Field> Fields => _fields;

    /// <summary>All columns, those inside other fields included, in the order of the file.</summary>
    public DataField[] DataFields => GetDataFields();

    public Field this[int i] => _fields[i];

    /// <inheritdoc cref="DataFields"/>
    public DataField[] GetDataFields() => [.. _fields.SelectMany(Columns)];

    private static IEnumerable<DataField> Columns(Field field) => field switch
    {
        DataField column => [column],
        ListField list => Columns(list.Item),
        MapField map => Columns(map.Key).Concat(Columns(map.Value)),
        StructField group => group.Fields.SelectMany(Columns),
        _ => [],
    };
}
