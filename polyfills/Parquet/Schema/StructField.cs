namespace Parquet.Schema;

/// <summary>A group of fields.</summary>
public class StructField : Field
{
    private readonly List<Field> _fields;

    /// <summary>A group that is going to be written. It may be null.</summary>
    public StructField(string name, params Field[] elements)
        : base(name, SchemaType.Struct)
    {
        if (elements is null || elements.Length == 0)
            throw new ArgumentException($"the structure '{name}' needs an element", nameof(elements));
        _fields = [.. elements];
        IsNullable = true;
        Place(null);
    }

    /// <summary>A group of a file.</summary>
    internal StructField(string name, List<Field> elements)
        : base(name, SchemaType.Struct) => _fields = elements;

    /// <summary>What the group contains.</summary>
    public IReadOnlyList<Field> Fields => _fields;

    internal sealed override void Place(FieldPath? parent)
    {
        Path = parent + new FieldPath(Name);
        foreach (Field field in _fields) field.Place(Path);
    }

    internal override void PropagateLevels(int parentRepetitionLevel, int parentDefinitionLevel)
    {
        MaxRepetitionLevel = parentRepetitionLevel;
        MaxDefinitionLevel = parentDefinitionLevel + (IsNullable ? 1 : 0);
        foreach (Field field in _fields) field.PropagateLevels(MaxRepetitionLevel, MaxDefinitionLevel);
    }
}
