using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Parquet.Encodings;

/// <summary>Writes values one after the other, as <see cref="PlainReader"/> reads them.</summary>
internal static class PlainWriter
{
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values)
        where T : struct
    {
        if (typeof(T) == typeof(bool)) Booleans(stream, Values.As<T, bool>(values));
        else if (typeof(T) == typeof(ReadOnlyMemory<char>)) Texts(stream, Values.As<T, ReadOnlyMemory<char>>(values));
        else if (IsNumber<T>()) stream.Write(Bytes(values));
        else throw new NotSupportedException($"the embedded backend does not write columns of {typeof(T).Name}");
    }

    private static bool IsNumber<T>() =>
        typeof(T) == typeof(int) || typeof(T) == typeof(long) || typeof(T) == typeof(float) || typeof(T) == typeof(double);

    private static ReadOnlySpan<byte> Bytes<T>(ReadOnlySpan<T> values) => MemoryMarshal.CreateReadOnlySpan(
        ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values)), checked(values.Length * Unsafe.SizeOf<T>()));

    private static void Booleans(Stream stream, ReadOnlySpan<bool> values)
    {
        for (int at = 0; at < values.Length; at += 8)
        {
            int packed = 0;
            for (int i = at; i < Math.Min(at + 8, values.Length); i++) packed |= (values[i] ? 1 : 0) << (i - at);
            stream.WriteByte((byte)packed);
        }
    }

    private static void Texts(Stream stream, ReadOnlySpan<ReadOnlyMemory<char>> values)
    {
        Span<byte> head = stackalloc byte[4];
        foreach (ReadOnlyMemory<char> value in values)
        {
            var bytes = new byte[Encoding.UTF8.GetByteCount(value.Span)];
            Encoding.UTF8.GetBytes(value.Span, bytes);
            BinaryPrimitives.WriteInt32LittleEndian(head, bytes.Length);
            stream.Write(head);
            stream.Write(bytes);
        }
    }
}
