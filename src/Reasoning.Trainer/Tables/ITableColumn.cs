using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

/// <summary>A column of a Parquet file that is made of JSON objects, one per row.</summary>
internal interface ITableColumn
{
    /// <summary>What it is in the schema.</summary>
    Field Field { get; }

    /// <summary>Writes what the objects hold under the name of the column.</summary>
    Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<JsonElement> rows);
}
