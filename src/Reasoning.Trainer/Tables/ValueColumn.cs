using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

/// <summary>Numbers or truth values, of which some may be missing.</summary>
/// <param name="name">Name of the column.</param>
/// <param name="read">How a value is read.</param>
internal sealed class ValueColumn<T>(string name, Func<JsonElement, T> read) : ITableColumn
    where T : struct
{
    private readonly DataField _field = new DataField<T>(name, nullable: true);

    public Field Field => _field;

    public Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<JsonElement> rows)
    {
        T?[] values = [.. rows.Select(row => row.Get(name) is { } value ? read(value) : (T?)null)];
        return group.WriteAsync<T>(_field, values.AsMemory());
    }
}
