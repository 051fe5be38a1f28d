namespace Parquet.Format;

/// <summary>How often a node of the schema occurs, by the numbers of the format.</summary>
internal enum Repetition
{
    Required = 0,
    Optional = 1,
    Repeated = 2,
}
