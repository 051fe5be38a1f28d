namespace Parquet.Schema;

/// <summary>A column of values of a type that is known when the program is compiled.</summary>
public class DataField<T> : DataField
{
    public DataField(string name, bool? nullable = null)
        : base(name, typeof(T), nullable)
    {
    }
}
