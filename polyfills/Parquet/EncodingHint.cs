namespace Parquet;

/// <summary>What a caller asks of the writer for a column, see <see cref="ParquetOptions.ColumnEncodingHints"/>.</summary>
public enum EncodingHint
{
    /// <summary>Plain values.</summary>
    Default = 0,

    /// <summary>Distinct strings once, and numbers that refer to them.</summary>
    Dictionary,
}
