using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Tables;

/// <summary>A column of a Parquet file that is made of JSON objects, one per row.</summary>
/// <param name="Field">What it is in the schema.</param>
/// <param name="Read">What is written for the value that an object has under its name; what is null or missing stays null.</param>
internal sealed record TableColumn(Field Field, Func<JsonElement, object?> Read);

/// <summary>Writes JSON objects as rows of a Parquet file: Snappy, a dictionary for texts that repeat.</summary>
internal static class ParquetTable
{
    private const int RowsPerGroup = 1000;

    /// <summary>Writes a file; one of that name is replaced once the new one is complete.</summary>
    /// <param name="file">Where it goes.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="about">Names and texts for the footer.</param>
    /// <returns>Number of rows.</returns>
    public static long Write(
        string file, IReadOnlyList<TableColumn> columns, IEnumerable<JsonElement> rows, IReadOnlyDictionary<string, string> about)
    {
        var schema = new ParquetSchema(columns.Select(column => column.Field));
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Snappy, RowGroupSize = RowsPerGroup };
        foreach (DataField field in schema.GetDataFields().Where(field => field.ClrType == typeof(ReadOnlyMemory<char>)))
            options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.Dictionary;
        long count = 0;
        Durable.Write(file, temporary =>
        {
            using FileStream stream = File.Create(temporary);
            // One row group at a time, so that a long run need not fit into memory.
            foreach (JsonElement[] group in rows.Chunk(RowsPerGroup).DefaultIfEmpty([]))
            {
                options.Append = count > 0;
                Dictionary<string, object?>[] values = [.. group.Select(Values)];
                ParquetSerializer.SerializeUntypedAsync(values, schema, stream, options, about).GetAwaiter().GetResult();
                count += group.Length;
            }
        });
        return count;

        Dictionary<string, object?> Values(JsonElement row) =>
            columns.ToDictionary(column => column.Field.Name, column => Value(row, column));
    }

    private static object? Value(JsonElement row, TableColumn column) =>
        row.TryGetProperty(column.Field.Name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? column.Read(value) : null;
}
