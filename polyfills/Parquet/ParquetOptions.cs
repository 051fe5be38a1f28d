using System.IO.Compression;
using Parquet.Schema;

namespace Parquet;

/// <summary>How files are read and written.</summary>
public class ParquetOptions
{
    /// <summary>Precision of a decimal column that does not tell its own.</summary>
    public const int DefaultPrecision = 38;

    /// <summary>Scale of a decimal column that tells neither precision nor scale.</summary>
    public const int DefaultScale = 18;

    /// <summary>Hints by path of the column, its parts joined by '/'.</summary>
    public readonly IDictionary<string, EncodingHint> ColumnEncodingHints = new Dictionary<string, EncodingHint>();

    /// <summary>Compression of every page that is written.</summary>
    public CompressionMethod CompressionMethod { get; set; } = CompressionMethod.Snappy;

    /// <summary>Effort of the compressors that know one.</summary>
    public CompressionLevel CompressionLevel { get; set; } = CompressionLevel.SmallestSize;

    /// <summary>Distinct values divided by values, at most, for a dictionary to be written where a hint asks for one.</summary>
    public double DictionaryEncodingThreshold { get; set; } = 0.8;

    internal bool WantsDictionary(DataField field) =>
        ColumnEncodingHints.TryGetValue(field.Path.ToString(), out EncodingHint hint) && hint == EncodingHint.Dictionary;
}
