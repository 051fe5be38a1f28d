using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

/// <summary>Texts, of which some may be missing.</summary>
internal sealed class TextColumn(string name) : ITableColumn
{
    private readonly DataField _field = new(name, typeof(string), isNullable: true);

    public Field Field => _field;

    public Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<JsonElement> rows) =>
        group.WriteAsync(_field, [.. rows.Select(row => row.Get(name)?.GetString())]);
}
