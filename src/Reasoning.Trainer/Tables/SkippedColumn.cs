using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Reasoning.Trainer.Tables;

/// <summary>
/// The prompts that a step did not train on, with the reason: in JSON an object from id to reason, in Parquet a list of structures.
/// </summary>
internal sealed class SkippedColumn : ITableColumn
{
    private const int NoList = 0;

    private readonly string _name;
    private readonly DataField _prompt = new("prompt_id", typeof(string), isNullable: false);
    private readonly DataField _reason = new("reason", typeof(string), isNullable: false);

    public SkippedColumn(string name)
    {
        _name = name;
        Field = new ListField(name, new StructField(ListField.ElementName, _prompt, _reason));
    }

    public Field Field { get; }

    public async Task WriteAsync(ParquetRowGroupWriter group, IReadOnlyList<JsonElement> rows)
    {
        List<ReadOnlyMemory<char>> prompts = [], reasons = [];
        List<int> definition = [], repetition = [];
        foreach (JsonElement row in rows)
        {
            int before = prompts.Count;
            if (row.Get(_name) is { } skipped)
            {
                foreach (JsonProperty entry in skipped.EnumerateObject())
                {
                    repetition.Add(prompts.Count == before ? 0 : 1);
                    definition.Add(_prompt.MaxDefinitionLevel);
                    prompts.Add(entry.Name.AsMemory());
                    reasons.Add(entry.Value.GetString().AsMemory());
                }
            }

            if (prompts.Count > before) continue;
            repetition.Add(0);
            definition.Add(NoList);
        }

        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            _prompt, prompts.ToArray(), definition.ToArray(), repetition.ToArray(), CancellationToken.None).ConfigureAwait(false);
        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            _reason, reasons.ToArray(), definition.ToArray(), repetition.ToArray(), CancellationToken.None).ConfigureAwait(false);
    }
}
