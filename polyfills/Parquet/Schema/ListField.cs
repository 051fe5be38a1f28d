namespace Parquet.Schema;

/// <summary>A list: the field itself, a repeated container, and the item in it.</summary>
public sealed class ListField : Field
{
    /// <summary>The usual name of an item.</summary>
    public const string ElementName = "element";

    /// <summary>The usual name of the container.</summary>
    public const string DefaultContainerName = "list";

    private Field? _item;

    /// <summary>A list that is going to be written. It may be null, and it may be empty.</summary>
    public ListField(string name, Field item, string containerName = DefaultContainerName)
        : base(name, SchemaType.List)
    {
        Item = item ?? throw new ArgumentNullException(nameof(item));
        ContainerName = containerName;
        IsNullable = true;
        Place(null);
    }

    /// <summary>A list of a file; its item follows.</summary>
    /// <param name="name">Name of the list.</param>
    /// <param name="containerName">Name of the repeated container; null where the item itself is what is repeated.</param>
    internal ListField(string name, string? containerName)
        : base(name, SchemaType.List) => ContainerName = containerName;

    /// <summary>What the list contains.</summary>
    public Field Item
    {
        get => _item ?? throw new ParquetException($"the list '{Name}' has no item");
        internal set => _item = value;
    }

    internal string? ContainerName { get; }

    /// <summary>Whether the list is nothing but a repeated group, so that its own name is that of the container.</summary>
    internal bool IsImplicit { get; init; }

    internal override void Place(FieldPath? parent)
    {
        Path = parent + (ContainerName is null || IsImplicit ? new FieldPath(Name) : new FieldPath(Name, ContainerName));
        Item.Place(Path);
    }

    internal override void PropagateLevels(int parentRepetitionLevel, int parentDefinitionLevel)
    {
        int container = ContainerName is null ? 0 : 1;
        MaxRepetitionLevel = parentRepetitionLevel + container;
        MaxDefinitionLevel = parentDefinitionLevel + (IsNullable ? 1 : 0) + container;
        Item.PropagateLevels(MaxRepetitionLevel, MaxDefinitionLevel);
    }
}
