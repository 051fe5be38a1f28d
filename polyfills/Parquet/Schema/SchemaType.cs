namespace Parquet.Schema;

/// <summary>What a field of a schema is.</summary>
public enum SchemaType
{
    /// <summary>A column of values.</summary>
    Data,

    /// <summary>Keys and values.</summary>
    Map,

    /// <summary>A group of fields.</summary>
    Struct,

    /// <summary>Any number of items.</summary>
    List,
}
