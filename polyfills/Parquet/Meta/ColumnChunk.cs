namespace Parquet.Meta;

/// <summary>Where a column of a row group lies.</summary>
public class ColumnChunk
{
    /// <summary>Another file that holds it; null where it is this one. Only this one is read.</summary>
    public string? FilePath { get; internal set; }

    /// <summary>What is known about it; null where it is encrypted.</summary>
    public ColumnMetaData? MetaData { get; internal set; }
}
