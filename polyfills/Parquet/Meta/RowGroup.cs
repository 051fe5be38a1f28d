namespace Parquet.Meta;

/// <summary>Some rows of a file, column after column.</summary>
public class RowGroup
{
    /// <summary>One for every column of the schema.</summary>
    public List<ColumnChunk> Columns { get; internal set; } = [];

    /// <summary>Bytes before compression.</summary>
    public long TotalByteSize { get; internal set; }

    public long NumRows { get; internal set; }
}
