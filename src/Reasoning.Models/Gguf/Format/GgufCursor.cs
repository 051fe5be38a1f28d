using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Reasoning.Models.Files;

namespace Reasoning.Models.Gguf.Format;

/// <summary>Reads a GGUF header from front to back; whatever would pass the end of the file is refused.</summary>
internal ref struct GgufCursor(MappedFile bytes)
{
    private const int MaxNameBytes = 1 << 16;

    public long Position { get; private set; }

    public readonly long Left => bytes.Length - Position;

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count of things that take at least <paramref name="least"/> bytes each, so that it cannot exceed the file.</summary>
    public int Count(string what, int least, int most)
    {
        ulong count = UInt64($"the number of {what}");
        if (count > (ulong)(Left / least) || count > (ulong)most)
            throw Error($"claims {count} {what}, more than {Left} bytes can hold");
        return (int)count;
    }

    /// <summary>A name: UTF-8 with its length before it, not empty.</summary>
    public string Name(string what)
    {
        ulong length = UInt64($"the length of {what}");
        if (length is 0 or > MaxNameBytes || (long)length > Left) throw Error($"{what} has {length} bytes; the file is damaged");
        ReadOnlySpan<byte> text = Take((int)length, what);
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Error($"{what} is not UTF-8");
    }

    /// <summary>Passes a text with its length before it.</summary>
    public void SkipString(string what)
    {
        ulong length = UInt64(what);
        if (length > (ulong)Left) throw Error($"{what} claims {length} bytes, {Left} are left");
        Position += (long)length;
    }

    public void Skip(long count, string what)
    {
        if (count > Left) throw Error($"{what} needs {count} bytes, {Left} are left");
        Position += count;
    }

    public readonly UserErrorException Error(string problem)
        => new($"{bytes.File}: {UserErrorException.OneLine(problem)} (byte {Position})");

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Left) throw Error($"the file ends before {what}");
        ReadOnlySpan<byte> taken = bytes.At(Position, count);
        Position += count;
        return taken;
    }
}
