namespace Parquet.Format;

/// <summary>What the values of a node mean, whether its converted type or its logical type says so.</summary>
internal enum Annotation
{
    None,
    Text,
    List,
    Map,
    Decimal,
    Date,
    TimeMillis,
    TimeMicrosOrNanos,
    Timestamp,
    Integer,
    Uuid,
    Float16,
    Interval,
    Other,
}
