using Parquet.Format;

namespace Parquet.Meta;

/// <summary>The footer of a file.</summary>
public class FileMetaData
{
    /// <summary>Version of the format.</summary>
    public int Version { get; internal set; } = 1;

    /// <summary>Rows of all row groups.</summary>
    public long NumRows { get; internal set; }

    /// <summary>In the order of the file.</summary>
    public List<RowGroup> RowGroups { get; internal set; } = [];

    /// <summary>The program that wrote the file.</summary>
    public string? CreatedBy { get; internal set; }

    /// <summary>The schema as a list: every group is followed by what it contains.</summary>
    internal List<SchemaElement> Elements { get; } = [];

    /// <summary>Names and texts that the writer added.</summary>
    internal Dictionary<string, string> KeyValues { get; set; } = new(StringComparer.Ordinal);
}
