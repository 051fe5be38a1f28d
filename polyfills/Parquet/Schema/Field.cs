namespace Parquet.Schema;

/// <summary>A node of a schema.</summary>
public abstract class Field
{
    protected Field(string name, SchemaType schemaType)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        SchemaType = schemaType;
        Path = new FieldPath(name);
    }

    public SchemaType SchemaType { get; }

    public string Name { get; }

    /// <summary>Names from the root, those of the containers of lists and maps included.</summary>
    public FieldPath Path { get; internal set; }

    /// <summary>Whether a value of this field may be missing.</summary>
    public virtual bool IsNullable { get; internal set; }

    /// <summary>Lists around a value.</summary>
    public int MaxRepetitionLevel { get; protected set; }

    /// <summary>Level of a value that is there: how many of the nodes from the root to here are optional or repeated.</summary>
    public int MaxDefinitionLevel { get; protected set; }

    /// <summary>Sets the path of this field and of what it contains, given that of its parent.</summary>
    internal abstract void Place(FieldPath? parent);

    /// <summary>Computes the levels of this field and of what it contains, given those of its parent.</summary>
    internal abstract void PropagateLevels(int parentRepetitionLevel, int parentDefinitionLevel);

    public override string ToString() => $"{Path} ({SchemaType}, RL: {MaxRepetitionLevel}, DL: {MaxDefinitionLevel})";
}
