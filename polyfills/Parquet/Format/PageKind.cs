namespace Parquet.Format;

/// <summary>Kinds of pages, by the numbers of the format.</summary>
internal enum PageKind
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}
