using System.Buffers.Binary;
using Parquet.Format;
using Parquet.Meta;
using Parquet.Schema;

namespace Parquet;

/// <summary>
/// Reads a file: its footer at once, a column when it is asked for. A file that is damaged, or hostile, ends in a
/// <see cref="ParquetException"/>, an <see cref="IOException"/> where it is no Parquet file at all, or a
/// <see cref="NotSupportedException"/> where it uses what is not read.
/// </summary>
public class ParquetReader : ParquetActor, IAsyncDisposable
{
    private const int TailBytes = 8;

    private readonly List<ParquetRowGroupReader> _groups = [];
    private readonly bool _leaveOpen;

    private ParquetReader(Stream input, bool leaveOpen)
        : base(input)
    {
        if (!input.CanRead || !input.CanSeek) throw new ArgumentException("stream must be readable and seekable", nameof(input));
        if (input.Length <= TailBytes) throw new IOException("not a Parquet file (size too small)");
        _leaveOpen = leaveOpen;
        FileMetaData footer = FooterReader.Read(FooterBytes(input));
        Schema = SchemaReader.Read(footer.Elements, out IReadOnlyDictionary<FieldPath, SchemaElement> leaves);
        foreach (RowGroup group in footer.RowGroups) _groups.Add(new ParquetRowGroupReader(group, leaves, input));
        Metadata = footer;
    }

    /// <summary>Fields of the file.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>The footer.</summary>
    public FileMetaData? Metadata { get; }

    /// <summary>Names and texts that the writer added.</summary>
    public Dictionary<string, string> CustomMetadata => new(Metadata!.KeyValues, StringComparer.Ordinal);

    public int RowGroupCount => _groups.Count;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ParquetRowGroupReader> RowGroups => _groups;

    /// <summary>Opens a file.</summary>
    public static Task<ParquetReader> CreateAsync(
        string filePath, ParquetOptions? parquetOptions = null, CancellationToken cancellationToken = default)
    {
        FileStream input = File.OpenRead(filePath);
        try
        {
            return Task.FromResult(new ParquetReader(input, leaveOpen: false));
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>Reads from a stream that can be read in any order.</summary>
    public static Task<ParquetReader> CreateAsync(
        Stream input, ParquetOptions? parquetOptions = null, bool leaveStreamOpen = true, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ParquetReader(input, leaveStreamOpen));

    public ParquetRowGroupReader OpenRowGroupReader(int index) => _groups[index];

    public ValueTask DisposeAsync()
    {
        if (!_leaveOpen) Stream.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static byte[] FooterBytes(Stream input)
    {
        Span<byte> ends = stackalloc byte[4 + TailBytes];
        input.Position = 0;
        input.ReadExactly(ends[..4]);
        input.Position = input.Length - TailBytes;
        input.ReadExactly(ends[4..]);
        if (ends[8..].SequenceEqual("PARE"u8)) throw new NotSupportedException("the file is encrypted");
        if (!ends[..4].SequenceEqual(Magic) || !ends[8..].SequenceEqual(Magic)) throw new IOException("not a Parquet file (it lacks PAR1)");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(ends[4..]);
        if (length > input.Length - TailBytes - 4) throw new ParquetException($"a footer of {length} bytes in a file of {input.Length}");
        var footer = new byte[length];
        input.Position = input.Length - TailBytes - length;
        input.ReadExactly(footer);
        return footer;
    }
}
