namespace Parquet.Schema;

/// <summary>A column of decimal numbers.</summary>
public class DecimalDataField : DataField
{
    /// <summary>A column by its digits.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="precision">Digits of a value.</param>
    /// <param name="scale">How many of them stand after the point.</param>
    /// <param name="forceByteArrayEncoding">For writers; not used here.</param>
    /// <param name="isNullable">Whether a value may be missing.</param>
    /// <param name="isArray">Whether the column is repeated.</param>
    /// <param name="propertyName">For serializers; not used here.</param>
    /// <param name="clrType">Type of a value, decimal where it is not given.</param>
    public DecimalDataField(
        string name, int precision, int scale = 0, bool forceByteArrayEncoding = false, bool? isNullable = null, bool? isArray = null,
        string? propertyName = null, Type? clrType = null)
        : base(name, clrType ?? typeof(decimal), isNullable, isArray, propertyName)
    {
        if (precision < 1) throw new ArgumentException("precision must be at least 1", nameof(precision));
        if (scale < 0 || scale > precision) throw new ArgumentException("scale must be from 0 to the precision", nameof(scale));
        Precision = precision;
        Scale = scale;
        ForceByteArrayEncoding = forceByteArrayEncoding;
    }

    public int Precision { get; }

    public int Scale { get; }

    public bool ForceByteArrayEncoding { get; }
}
