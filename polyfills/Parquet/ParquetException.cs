namespace Parquet;

/// <summary>A file is damaged, or uses a part of the format that is not read. The message is one line.</summary>
public class ParquetException : Exception
{
    public ParquetException()
    {
    }

    public ParquetException(string message)
        : base(message)
    {
    }

    public ParquetException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
