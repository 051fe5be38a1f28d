using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

/// <summary>A list of values in every row; a list that is missing is not an empty one.</summary>
/// <param name="name">Name of the column.</param>
/// <param name="read">How a value is read.</param>
/// <param name="type">Type of a value in the schema.</param>
internal sealed class ListColumn<T>(string name, Func<JsonElement, T> read, Type type) : ITableColumn
    where T : struct
{
    private const int NoList = 0;
    private const int EmptyList = 1;

    private readonly DataField _item = new(ListField.ElementName, type, isNullable: false);
    private ListField? _field;

    public Field Field => _field ??= new ListField(name, _item);

    public Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<JsonElement> rows)
    {
        List<T> values = [];
        List<int> definition = [], repetition = []; // one pair per value, or per row without values
        foreach (JsonElement row in rows)
        {
            JsonElement? list = row.Get(name);
            int before = values.Count;
            if (list is { } items)
            {
                foreach (JsonElement item in items.EnumerateArray())
                {
                    repetition.Add(values.Count == before ? 0 : 1);
                    definition.Add(_item.MaxDefinitionLevel);
                    values.Add(read(item));
                }
            }

            if (values.Count > before) continue;
            repetition.Add(0);
            definition.Add(list is null ? NoList : EmptyList);
        }

        return group.WriteAllPartsAsync<T>(_item, values.ToArray(), definition.ToArray(), repetition.ToArray(), CancellationToken.None);
    }
}
