using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;
using ColumnMetaData = Parquet.Meta.ColumnMetaData;

namespace Reasoning.Models.Prompts;

/// <summary>A column of a row group as texts, with the levels that say where a value is missing and where a row begins.</summary>
/// <param name="Texts">One for every place; null where the value is missing.</param>
/// <param name="Definition">How many of the optional and repeated nodes from the root to here are there.</param>
/// <param name="Repetition">0 where a row begins. Empty where the column is not in a list.</param>
internal sealed record ParquetColumn(string?[] Texts, int[] Definition, int[] Repetition)
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether the values of a column are texts or numbers.</summary>
    public static bool IsReadable(DataField field) => Reader(field) is not null;

    /// <summary>Reads a column.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="field">The column, one that is readable.</param>
    /// <param name="pages">What is known of the file.</param>
    public static ParquetColumn Read(ParquetRowGroupReader group, DataField field, ParquetPages pages)
    {
        try
        {
            ColumnMetaData data = group.GetMetadata(field)?.MetaData ?? throw new ParquetException("a row group lacks it");
            if (data.NumValues < 0 || data.NumValues > pages.MostValues)
            {
                throw new ParquetException(
                    $"has {data.NumValues} values in a file of {pages.Input.Length} bytes; at most {pages.MostValues} are read");
            }

            if (field.MaxRepetitionLevel == 0 && data.NumValues != group.RowCount)
                throw new ParquetException($"has {data.NumValues} values in {group.RowCount} rows");
            pages.Check(field, data);
            return Reader(field)!(group, field, (int)data.NumValues);
        }
        catch (Exception e)
        {
            throw new ParquetException($"column '{field.Path}': {e.Message}", e);
        }
    }

    private static Func<ParquetRowGroupReader, DataField, int, ParquetColumn>? Reader(DataField field)
    {
        Type type = field.ClrType;
        if (type == typeof(ReadOnlyMemory<char>)) return Read<ReadOnlyMemory<char>>(static value => value.ToString());
        if (type == typeof(ReadOnlyMemory<byte>)) return Read<ReadOnlyMemory<byte>>(static value => s_strict.GetString(value.Span));
        if (type == typeof(sbyte)) return Read<sbyte>(Invariant);
        if (type == typeof(byte)) return Read<byte>(Invariant);
        if (type == typeof(short)) return Read<short>(Invariant);
        if (type == typeof(ushort)) return Read<ushort>(Invariant);
        if (type == typeof(int)) return Read<int>(Invariant);
        if (type == typeof(uint)) return Read<uint>(Invariant);
        if (type == typeof(long)) return Read<long>(Invariant);
        if (type == typeof(ulong)) return Read<ulong>(Invariant);
        if (type == typeof(float)) return Read<float>(Invariant);
        if (type == typeof(double)) return Read<double>(Invariant);
        return type == typeof(decimal) ? Read<decimal>(Invariant) : null;
    }

    private static Func<ParquetRowGroupReader, DataField, int, ParquetColumn> Read<T>(Func<T, string> text)
        where T : struct => (group, field, places) =>
    {
        var values = new T[places];
        bool isOptional = field.MaxDefinitionLevel > 0, isInList = field.MaxRepetitionLevel > 0;
        int[] definition = new int[isOptional ? places : 0], repetition = new int[isInList ? places : 0];
        group.ReadRawAsync<T>(field, values, isOptional ? definition : (Memory<int>?)null, isInList ? repetition : (Memory<int>?)null)
            .AsTask().GetAwaiter().GetResult();
        var texts = new string?[places];
        int next = 0;
        for (int i = 0; i < places; i++)
        {
            if (!isOptional || definition[i] == field.MaxDefinitionLevel) texts[i] = text(values[next++]);
        }

        return new ParquetColumn(texts, definition, repetition);
    };

    private static string Invariant<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
