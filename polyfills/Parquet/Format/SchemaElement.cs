namespace Parquet.Format;

/// <summary>A node of the schema as the footer has it.</summary>
internal sealed class SchemaElement
{
    public string Name { get; set; } = "";

    /// <summary>Null for a group.</summary>
    public PhysicalType? Type { get; set; }

    /// <summary>Bytes of a value of fixed length.</summary>
    public int TypeLength { get; set; }

    public Repetition Repetition { get; set; }

    /// <summary>Nodes that follow and belong to this one.</summary>
    public int Children { get; set; }

    public Annotation Annotation { get; set; }

    public int? Scale { get; set; }

    public int? Precision { get; set; }

    /// <summary>Bits of an annotated integer.</summary>
    public int BitWidth { get; set; }

    /// <summary>Whether an annotated integer has a sign.</summary>
    public bool IsSigned { get; set; } = true;
}
