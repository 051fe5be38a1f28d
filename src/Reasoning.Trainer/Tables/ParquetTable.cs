using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

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
        string file, IReadOnlyList<ITableColumn> columns, IEnumerable<JsonElement> rows, IReadOnlyDictionary<string, string> about)
    {
        string temporary = file + ".part";
        long count = WriteAsync(temporary, columns, rows, about).GetAwaiter().GetResult();
        File.Move(temporary, file, overwrite: true);
        return count;
    }

    private static async Task<long> WriteAsync(
        string file, IReadOnlyList<ITableColumn> columns, IEnumerable<JsonElement> rows, IReadOnlyDictionary<string, string> about)
    {
        var schema = new ParquetSchema(columns.Select(column => column.Field));
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Snappy };
        foreach (DataField field in schema.GetDataFields().Where(field => field.ClrType == typeof(ReadOnlyMemory<char>)))
            options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.Dictionary;
        long count = 0;
        await using FileStream stream = File.Create(file);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, options).ConfigureAwait(false);
        writer.CustomMetadata = about;
        foreach (JsonElement[] chunk in rows.Chunk(RowsPerGroup))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            foreach (ITableColumn column in columns) await column.WriteAsync(group, chunk).ConfigureAwait(false);
            group.CompleteValidate();
            count += chunk.Length;
        }

        return count;
    }
}
