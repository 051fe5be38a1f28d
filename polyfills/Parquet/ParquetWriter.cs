using System.Buffers.Binary;
using Parquet.Format;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet;

/// <summary>Writes a file: row group after row group, and the footer when it is disposed of.</summary>
public sealed class ParquetWriter : ParquetActor, IAsyncDisposable
{
    private readonly ParquetSchema _schema;
    private readonly ParquetOptions _options;
    private readonly List<ParquetRowGroupWriter> _groups = [];
    private readonly FileMetaData _footer;
    private bool _isDone;

    private ParquetWriter(ParquetSchema schema, Stream output, ParquetOptions options)
        : base(output)
    {
        if (!output.CanWrite || !output.CanSeek) throw new ArgumentException("stream must be writeable and seekable", nameof(output));
        _schema = schema ?? throw new ArgumentNullException(nameof(schema));
        _options = options;
        _footer = new FileMetaData { CreatedBy = "reasoning (embedded Parquet)" };
        _footer.Elements.AddRange(SchemaWriter.Write(schema));
        output.Write(Magic);
    }

    /// <summary>Names and texts of the writer's own; to be set before the writer is disposed of.</summary>
    public IReadOnlyDictionary<string, string> CustomMetadata
    {
        get => _footer.KeyValues;
        set => _footer.KeyValues = new Dictionary<string, string>(value, StringComparer.Ordinal);
    }

    /// <summary>Begins a file.</summary>
    /// <param name="schema">Its fields.</param>
    /// <param name="output">Where it goes; it stays open.</param>
    /// <param name="options">How.</param>
    /// <param name="append">To an existing file; not supported here.</param>
    /// <param name="cancellationToken">Not used.</param>
    public static Task<ParquetWriter> CreateAsync(
        ParquetSchema schema, Stream output, ParquetOptions? options = null, bool append = false,
        CancellationToken cancellationToken = default) =>
        append
            ? throw new NotSupportedException("the embedded backend does not append to files")
            : Task.FromResult(new ParquetWriter(schema, output, options ?? new ParquetOptions()));

    /// <summary>Begins a row group; the one before is to be disposed of first.</summary>
    public ParquetRowGroupWriter CreateRowGroup()
    {
        var group = new ParquetRowGroupWriter(Stream, _schema, _options);
        _groups.Add(group);
        _footer.RowGroups.Add(group.Group);
        return group;
    }

    public ValueTask DisposeAsync()
    {
        if (_isDone) return ValueTask.CompletedTask;
        _isDone = true;
        _footer.NumRows = _groups.Sum(group => group.Group.NumRows);
        long start = Stream.Position;
        FooterWriter.Write(Stream, _footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, checked((int)(Stream.Position - start)));
        Stream.Write(length);
        Stream.Write(Magic);
        Stream.Flush();
        return ValueTask.CompletedTask;
    }
}
