using System.Runtime.InteropServices;
using Parquet.Format;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet;

/// <summary>Writes the columns of a row group, in the order of the schema, each with the same number of rows.</summary>
public class ParquetRowGroupWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly DataField[] _fields;
    private readonly ParquetOptions _options;

    internal ParquetRowGroupWriter(Stream stream, ParquetSchema schema, ParquetOptions options)
    {
        _stream = stream;
        _fields = schema.GetDataFields();
        _options = options;
    }

    internal RowGroup Group { get; } = new();

    /// <summary>Writes texts, of which some may be missing where the column allows it.</summary>
    public Task WriteAsync(DataField field, IReadOnlyCollection<string?> values, ReadOnlyMemory<int>? repetitionLevels = null)
    {
        ReadOnlyMemory<char>?[] texts = [.. values.Select(value => value is null ? (ReadOnlyMemory<char>?)null : value.AsMemory())];
        return WriteAsync<ReadOnlyMemory<char>>(field, texts, repetitionLevels);
    }

    /// <summary>Writes values, of which some may be missing.</summary>
    public Task WriteAsync<T>(
        DataField field, ReadOnlyMemory<T?> values, ReadOnlyMemory<int>? repetitionLevels = null,
        Dictionary<string, string>? customMetadata = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        var present = new List<T>(values.Length);
        var definition = new int[values.Length];
        for (int i = 0; i < definition.Length; i++)
        {
            definition[i] = field.MaxDefinitionLevel;
            if (values.Span[i] is { } value) present.Add(value);
            else definition[i]--;
        }

        if (present.Count < values.Length && !field.IsNullable)
        {
            throw new ArgumentException(
                $"'{field.Path}' may not be missing, and {values.Length - present.Count} values are", nameof(values));
        }

        return Write(field, CollectionsMarshal.AsSpan(present), definition, repetitionLevels, values.Length, customMetadata);
    }

    /// <summary>Writes values that are all there.</summary>
    public Task WriteAsync<T>(
        DataField field, ReadOnlyMemory<T> values, ReadOnlyMemory<int>? repetitionLevels = null,
        Dictionary<string, string>? customMetadata = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        int[]? definition = field.MaxDefinitionLevel > 0 ? new int[values.Length] : null;
        definition?.AsSpan().Fill(field.MaxDefinitionLevel);
        return Write(field, values.Span, definition, repetitionLevels, values.Length, customMetadata);
    }

    /// <summary>Writes values with levels of the caller's, as lists need them.</summary>
    /// <param name="field">The column.</param>
    /// <param name="values">Without the missing ones.</param>
    /// <param name="definitionValues">For every place, how many of the optional and repeated nodes on the way are there.</param>
    /// <param name="repetitionLevels">For every place, at which list it goes on; 0 begins a row.</param>
    /// <param name="cancellationToken">Not used.</param>
    public Task WriteAllPartsAsync<T>(
        DataField field, ReadOnlyMemory<T> values, ReadOnlyMemory<int>? definitionValues, ReadOnlyMemory<int>? repetitionLevels,
        CancellationToken cancellationToken)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        return Write(field, values.Span, definitionValues, repetitionLevels, definitionValues?.Length ?? values.Length, null);
    }

    /// <summary>Makes sure that every column of the schema was written.</summary>
    public void CompleteValidate()
    {
        if (Group.Columns.Count == _fields.Length) return;
        throw new InvalidOperationException($"{Group.Columns.Count} of {_fields.Length} columns are written, "
            + $"without {string.Join(", ", _fields.Skip(Group.Columns.Count).Select(field => field.Path))}");
    }

    public void Dispose()
    {
        Group.TotalByteSize = Group.Columns.Sum(column => column.MetaData!.TotalUncompressedSize);
        GC.SuppressFinalize(this);
    }

    private Task Write<T>(
        DataField field, ReadOnlySpan<T> values, ReadOnlyMemory<int>? definition, ReadOnlyMemory<int>? repetition, int count,
        Dictionary<string, string>? customMetadata)
        where T : struct
    {
        if (customMetadata is { Count: > 0 }) throw new NotSupportedException("the embedded backend does not write metadata of columns");
        Check<T>(field, definition, repetition, count);
        var levels = (definition ?? default).Span;
        if (field.MaxDefinitionLevel > 0 && levels.Count(field.MaxDefinitionLevel) != values.Length)
            throw new ArgumentException($"'{field.Path}': {values.Length} values do not go with the definition levels", nameof(values));
        int rows = field.MaxRepetitionLevel > 0 ? repetition!.Value.Span.Count(0) : count;
        if (Group.Columns.Count > 0 && rows != Group.NumRows)
            throw new InvalidOperationException($"'{field.Path}' has {rows} rows, and the column before it {Group.NumRows}");
        Group.NumRows = rows;
        ColumnMetaData data = new ColumnWriter(_stream, field, _options).Write(
            values, field.MaxDefinitionLevel > 0 ? levels : [], field.MaxRepetitionLevel > 0 ? repetition!.Value.Span : [], count);
        Group.Columns.Add(new ColumnChunk { MetaData = data });
        return Task.CompletedTask;
    }

    private void Check<T>(DataField field, ReadOnlyMemory<int>? definition, ReadOnlyMemory<int>? repetition, int count)
    {
        int next = Group.Columns.Count;
        if (!field.IsAttached) throw new ArgumentException($"the field {field} belongs to no schema", nameof(field));
        if (next >= _fields.Length) throw new InvalidOperationException($"all {_fields.Length} columns are written already");
        if (!_fields[next].Path.Equals(field.Path))
        {
            throw new ArgumentException(
                $"cannot write this column, expected '{_fields[next].Path}', passed: '{field.Path}'", nameof(field));
        }

        if (field.ClrType != typeof(T)) throw new ArgumentException($"expected values of type {field.ClrType} but passed {typeof(T)}");
        if (field.MaxDefinitionLevel > 0 && definition?.Length != count)
            throw new ArgumentException($"'{field.Path}' needs {count} definition levels", nameof(definition));
        if (field.MaxRepetitionLevel > 0 && repetition?.Length != count)
            throw new ArgumentException($"'{field.Path}' needs {count} repetition levels", nameof(repetition));
    }
}
