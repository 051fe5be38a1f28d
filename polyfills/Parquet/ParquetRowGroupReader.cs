using Parquet.Format;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet;

/// <summary>Reads the columns of a row group, in any order.</summary>
public class ParquetRowGroupReader : IDisposable
{
    // Old writers forgot the header of the dictionary in the size of a column; more than this it never is.
    private const int DictionaryHeaderBytes = 100;

    private readonly Dictionary<FieldPath, ColumnChunk> _columns = [];
    private readonly IReadOnlyDictionary<FieldPath, SchemaElement> _elements;
    private readonly Stream _input;

    internal ParquetRowGroupReader(RowGroup rowGroup, IReadOnlyDictionary<FieldPath, SchemaElement> elements, Stream input)
    {
        RowGroup = rowGroup;
        _elements = elements;
        _input = input;
        foreach (ColumnChunk column in rowGroup.Columns)
        {
            if (column.MetaData is null) continue;
            var path = new FieldPath(column.MetaData.PathInSchema);
            if (!_columns.TryAdd(path, column)) throw new ParquetException($"the footer is damaged: a row group has '{path}' twice");
        }
    }

    /// <summary>What the footer says.</summary>
    public RowGroup RowGroup { get; }

    public long RowCount => RowGroup.NumRows;

    /// <summary>Whether the row group has this column.</summary>
    public bool ColumnExists(DataField field) => GetMetadata(field) is not null;

    /// <summary>Where a column lies, or null where the row group has none of that name.</summary>
    public ColumnChunk? GetMetadata(DataField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return _columns.GetValueOrDefault(field.Path);
    }

    /// <summary>Reads a column into memory of the caller's.</summary>
    /// <param name="field">The column, of the schema of this file.</param>
    /// <param name="values">At least as many places as <see cref="ColumnMetaData.NumValues"/>. Missing values take none.</param>
    /// <param name="definitionLevels">Likewise; needed where the column's <see cref="Field.MaxDefinitionLevel"/> is above 0.</param>
    /// <param name="repetitionLevels">Likewise; needed where the column's <see cref="Field.MaxRepetitionLevel"/> is above 0.</param>
    /// <param name="cancellationToken">Not used: what is read is there already, or on a disk.</param>
    /// <exception cref="ParquetException">The column is damaged.</exception>
    /// <exception cref="NotSupportedException">It uses what is not read.</exception>
    public ValueTask ReadRawAsync<T>(
        DataField field, Memory<T> values, Memory<int>? definitionLevels, Memory<int>? repetitionLevels,
        CancellationToken cancellationToken = default)
        where T : struct
    {
        if (field.ClrType != typeof(T))
            throw new ArgumentException($"Field \"{field.Path}\" ({field.ClrType}) is not compatible with type {typeof(T)}");
        ColumnMetaData data = GetMetadata(field)?.MetaData ?? throw new ParquetException($"'{field.Path}' does not exist in this file");
        Room(values.Length, data, field, "Values");
        if (field.MaxDefinitionLevel > 0) Room(definitionLevels?.Length ?? -1, data, field, "Definition levels");
        if (field.MaxRepetitionLevel > 0) Room(repetitionLevels?.Length ?? -1, data, field, "Repetition levels");
        Codec.Check(data.Codec);
        if (!_elements.TryGetValue(field.Path, out SchemaElement? element))
            throw new ArgumentException($"'{field.Path}' is not of the schema of this file", nameof(field));
        if (element.Type != data.Physical)
            throw new ParquetException($"'{field.Path}' is {element.Type} in the schema and {data.Physical} in a row group");
        var reader = new ColumnReader<T>(field, element, data, Bytes(field, data));
        reader.Read(values.Span, (definitionLevels ?? default).Span, (repetitionLevels ?? default).Span);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => GC.SuppressFinalize(this);

    private static void Room(int length, ColumnMetaData data, DataField field, string what)
    {
        if (length < 0) throw new ArgumentException($"{what} buffer is required for field '{field.Path}'");
        if (length >= data.NumValues) return;
        throw new ArgumentException(
            $"{what} buffer is too small for field '{field.Path}' (length {length} < numValues {data.NumValues})");
    }

    // Old writers left the offset of the dictionary out or gave it wrongly, so the column begins at the smallest one that is there.
    private byte[] Bytes(DataField field, ColumnMetaData data)
    {
        if (GetMetadata(field)!.FilePath is { } other) throw new NotSupportedException($"'{field.Path}' lies in another file, {other}");
        long start = new[] { data.DataPageOffset, data.DictionaryPageOffset ?? 0, data.IndexPageOffset ?? 0 }
            .Where(offset => offset != 0).DefaultIfEmpty().Min();
        if (start < 4 || data.TotalCompressedSize > _input.Length - start
            || data.TotalCompressedSize > Array.MaxLength - DictionaryHeaderBytes)
        {
            throw new ParquetException(
                $"'{field.Path}' has {data.TotalCompressedSize} bytes from {start} on, in a file of {_input.Length}");
        }

        var bytes = new byte[Math.Min(data.TotalCompressedSize + DictionaryHeaderBytes, _input.Length - start)];
        _input.Position = start;
        _input.ReadExactly(bytes);
        return bytes;
    }
}
