using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using Reasoning.Models.Files;
using Tensorboard;

namespace Reasoning.Trainer.Runs;

/// <summary>
/// The scalars of a run for TensorBoard: records of a length, its checksum, an <see cref="Event"/> and its checksum. The events are those of
/// TorchSharp; its <c>SummaryWriter</c> is not used, since it begins a new file each time, named after clock and host, and never says which
/// steps of earlier ones a resumed run does again. Here a run has one file, cut like its other logs: every reader finds each step once.
/// </summary>
internal static class EventFile
{
    private const int LengthBytes = sizeof(ulong), SumBytes = sizeof(uint);

    /// <summary>No step has nearly as many scalars; a length beyond is that of a damaged file.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>Appends the values of a step.</summary>
    public static void Append(string file, int step, DateTimeOffset time, IEnumerable<(string Name, double Value)> values)
    {
        using FileStream stream = RegularFile.Open(file, FileMode.Append, FileAccess.Write);
        double seconds = (time - DateTimeOffset.UnixEpoch).TotalSeconds;
        if (stream.Position == 0) Write(stream, new Event { WallTime = seconds, FileVersion = "brain.Event:2" });
        var summary = new Summary();
        summary.Value.AddRange(values.Select(pair => new Summary.Types.Value { Tag = pair.Name, SimpleValue = (float)pair.Value }));
        Write(stream, new Event { WallTime = seconds, Step = step, Summary = summary });
    }

    /// <summary>Removes what steps after <paramref name="step"/> wrote, and all behind a damaged record.</summary>
    public static void CutAfter(string file, int step)
    {
        if (!File.Exists(file)) return;
        long end = 0;
        using (SafeFileHandle handle = RegularFile.OpenHandle(file))
        {
            while (Read(handle, end) is (var record, var next) && record.Step <= step) end = next;
        }

        using FileStream stream = RegularFile.Open(file, FileMode.Open, FileAccess.Write);
        if (end < stream.Length) stream.SetLength(end);
    }

    /// <summary>The record that begins at a place, and where it ends; null where none is whole.</summary>
    private static (Event Event, long End)? Read(SafeFileHandle file, long at)
    {
        byte[] head = new byte[LengthBytes + SumBytes];
        if (RandomAccess.Read(file, head, at) < head.Length || !IsWhole(head)) return null;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > MostBytes) return null;
        byte[] body = new byte[(int)length + SumBytes];
        try
        {
            return RandomAccess.Read(file, body, at + head.Length) == body.Length && IsWhole(body)
                ? (Event.Parser.ParseFrom(body, 0, (int)length), at + head.Length + body.Length)
                : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static void Write(FileStream stream, Event record)
    {
        byte[] body = record.ToByteArray(), length = new byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)body.Length);
        Span<byte> sum = stackalloc byte[SumBytes];
        foreach (byte[] part in (byte[][])[length, body])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(sum, Sum(part));
            stream.Write(part);
            stream.Write(sum);
        }
    }

    /// <summary>Whether bytes end with their checksum.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[^SumBytes..]) == Sum(bytes[..^SumBytes]);

    /// <summary>CRC-32C, turned and shifted so that a sum over bytes that hold sums says something.</summary>
    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte part in bytes) sum = BitOperations.Crc32C(sum, part);
        return BitOperations.RotateRight(~sum, 15) + 0xA282EAD8;
    }
}
