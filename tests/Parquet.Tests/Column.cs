using Parquet.Schema;

namespace Parquet.Tests;

/// <summary>A column of a row group as it is read.</summary>
/// <param name="Values">Without missing ones.</param>
/// <param name="Definition">Empty where the column has none.</param>
/// <param name="Repetition">Empty where the column has none.</param>
/// <param name="Places">Values, missing ones included.</param>
internal sealed record Column<T>(T[] Values, int[] Definition, int[] Repetition, int Places)
    where T : struct
{
    public static Column<T> Read(ParquetRowGroupReader group, DataField field)
    {
        int places = checked((int)group.GetMetadata(field)!.MetaData!.NumValues);
        var values = new T[places];
        bool hasDefinition = field.MaxDefinitionLevel > 0, hasRepetition = field.MaxRepetitionLevel > 0;
        int[] definition = new int[hasDefinition ? places : 0], repetition = new int[hasRepetition ? places : 0];
        group.ReadRawAsync<T>(field, values, hasDefinition ? definition : (Memory<int>?)null, hasRepetition ? repetition : (Memory<int>?)null)
            .AsTask().GetAwaiter().GetResult();
        int present = hasDefinition ? definition.Count(level => level == field.MaxDefinitionLevel) : places;
        return new Column<T>(values[..present], definition, repetition, places);
    }
}
