using System.Runtime.CompilerServices;
using Parquet;

namespace Reasoning.Models.Prompts;

/// <summary>
/// A file that throws where it ends. Parquet.Net takes the end of a stream for bytes of 255, and a byte of 255 for a number that goes on:
/// it would wait for ever for the end of a number that is cut off.
/// </summary>
internal sealed class ParquetInput(Stream file) : Stream
{
    /// <summary>Nothing from here on is read, though the file may go on.</summary>
    public long End { get; set; } = file.Length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    // Parquet.Net calls itself for every structure in a structure of a header, and reads a byte in each.
    public override int ReadByte()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new ParquetException("structures in a header of it are nested too deeply");
        return file.Position < End ? file.ReadByte() : throw PastEnd();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => file.Read(buffer[..(int)Math.Clamp(End - file.Position, 0, buffer.Length)]);

    // At once, on the thread that asks: the stream of .NET would go to a thread of the pool (see ParquetPrompts.Read).
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin) <= End ? file.Position : throw PastEnd();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static EndOfStreamException PastEnd() => new("a length or a number in it leads past its end");
}
