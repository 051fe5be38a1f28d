using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Parquet.Format;

namespace Parquet.Encodings;

/// <summary>Turns what lies in a file into the type that a column has in the program.</summary>
internal static class Values
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The same memory as values of another type, which the caller has made sure is the same one.</summary>
    public static Span<TTo> As<TFrom, TTo>(Span<TFrom> values) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<TFrom, TTo>(ref MemoryMarshal.GetReference(values)), values.Length);

    /// <inheritdoc cref="As{TFrom,TTo}(Span{TFrom})"/>
    public static ReadOnlySpan<TTo> As<TFrom, TTo>(ReadOnlySpan<TFrom> values) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<TFrom, TTo>(ref MemoryMarshal.GetReference(values)), values.Length);

    /// <summary>From integers of the file: narrower ones, or the digits of decimals.</summary>
    public static void FromIntegers<T>(ReadOnlySpan<long> integers, SchemaElement element, Span<T> values)
        where T : struct
    {
        bool wide = element.Type == PhysicalType.Int64;
        if (typeof(T) == typeof(long) && wide) integers.CopyTo(As<T, long>(values));
        else if (typeof(T) == typeof(ulong) && wide) Each(integers, As<T, ulong>(values), static i => (ulong)i);
        else if (typeof(T) == typeof(int) && !wide) Each(integers, As<T, int>(values), static i => (int)i);
        else if (typeof(T) == typeof(uint) && !wide) Each(integers, As<T, uint>(values), static i => (uint)i);
        else if (typeof(T) == typeof(short) && !wide) Each(integers, As<T, short>(values), static i => (short)i);
        else if (typeof(T) == typeof(ushort) && !wide) Each(integers, As<T, ushort>(values), static i => (ushort)i);
        else if (typeof(T) == typeof(sbyte) && !wide) Each(integers, As<T, sbyte>(values), static i => (sbyte)i);
        else if (typeof(T) == typeof(byte) && !wide) Each(integers, As<T, byte>(values), static i => (byte)i);
        else if (typeof(T) == typeof(decimal)) Each(integers, As<T, decimal>(values), i => Decimal(i, element));
        else throw Mismatch<T>(element);
    }

    /// <summary>From the bytes of one value: a text, a byte string, or the digits of a decimal, highest byte first.</summary>
    public static T FromBytes<T>(ReadOnlySpan<byte> bytes, SchemaElement element)
        where T : struct
    {
        if (typeof(T) == typeof(ReadOnlyMemory<char>)) return Same<ReadOnlyMemory<char>, T>(Text(bytes).AsMemory());
        if (typeof(T) == typeof(ReadOnlyMemory<byte>)) return Same<ReadOnlyMemory<byte>, T>(bytes.ToArray());
        if (typeof(T) == typeof(decimal))
        {
            if (bytes.Length > 64) throw new ParquetException($"a decimal of {bytes.Length} bytes in '{element.Name}'");
            return Same<decimal, T>(Decimal(new BigInteger(bytes, isUnsigned: false, isBigEndian: true), element));
        }

        throw Mismatch<T>(element);
    }

    /// <summary>Numbers that lie in the file as they do in memory.</summary>
    public static void Copy<T>(ReadOnlySpan<byte> bytes, Span<T> values)
        where T : struct
    {
        if (!BitConverter.IsLittleEndian) throw new NotSupportedException("Parquet files are read on little-endian machines only");
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values)), bytes.Length));
    }

    /// <summary>32 or 64 bits of the file.</summary>
    public static long Integer(ReadOnlySpan<byte> bytes, int at, bool wide) => wide
        ? BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * at)..])
        : BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * at)..]);

    /// <summary>The type a column has in the program does not go with the one it has in the file.</summary>
    public static Exception Mismatch<T>(SchemaElement element) =>
        typeof(T) == typeof(DateTime) || typeof(T) == typeof(Guid)
            ? new NotSupportedException($"'{element.Name}' is a column of {typeof(T).Name}, which the embedded backend does not read")
            : new ParquetException($"'{element.Name}' has values of type {element.Type}, which are no {typeof(T).Name}");

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new ParquetException("a text is not valid UTF-8", e);
        }
    }

    private static decimal Decimal(BigInteger digits, SchemaElement element)
    {
        int scale = element.Scale ?? (element.Precision is null ? ParquetOptions.DefaultScale : 0);
        BigInteger size = BigInteger.Abs(digits);
        if (scale is < 0 or > 28 || size.GetBitLength() > 96)
            throw new ParquetException($"a decimal in '{element.Name}' has more digits than the 28 that are read");
        var low = (ulong)(size & ulong.MaxValue);
        return new decimal((int)low, (int)(low >> 32), (int)(uint)(size >> 64), digits.Sign < 0, (byte)scale);
    }

    private static void Each<TTo>(ReadOnlySpan<long> integers, Span<TTo> values, Func<long, TTo> convert)
    {
        for (int i = 0; i < integers.Length; i++) values[i] = convert(integers[i]);
    }

    private static TTo Same<TFrom, TTo>(TFrom value) => Unsafe.As<TFrom, TTo>(ref value);
}
