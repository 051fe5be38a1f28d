namespace Parquet.Schema;

/// <summary>Keys and values of a file. Maps are read as two columns; the embedded backend does not write them.</summary>
public sealed class MapField : Field
{
    private readonly string _containerName;

    internal MapField(string name, string containerName, Field key, Field value)
        : base(name, SchemaType.Map)
    {
        _containerName = containerName;
        Key = key;
        Value = value;
    }

    public Field Key { get; }

    public Field Value { get; }

    internal override void Place(FieldPath? parent)
    {
        Path = parent + new FieldPath(Name, _containerName);
        Key.Place(Path);
        Value.Place(Path);
    }

    internal override void PropagateLevels(int parentRepetitionLevel, int parentDefinitionLevel)
    {
        MaxRepetitionLevel = parentRepetitionLevel + 1;
        MaxDefinitionLevel = parentDefinitionLevel + (IsNullable ? 2 : 1);
        Key.PropagateLevels(MaxRepetitionLevel, MaxDefinitionLevel);
        Value.PropagateLevels(MaxRepetitionLevel, MaxDefinitionLevel);
    }
}
