using System.Security.Cryptography;
using System.Text;

namespace Reasoning.Models.Random;

/// <summary>
/// Random numbers as a pure function of what they are for: there is no state, so no draw depends on how many were made before it,
/// in which order or on which thread. A key is a seed and up to four numbers, by convention (step, prompt, sample, position).
/// Two rounds of <see cref="Philox"/>: the first folds (seed, a, b) to a 64-bit key, the second encrypts (c, d) under that key.
/// </summary>
public static class KeyedRandom
{
    /// <summary>64 random bits for the key (<paramref name="seed"/>, a, b, c, d).</summary>
    internal static ulong Bits(ulong seed, ulong a, ulong b = 0, ulong c = 0, ulong d = 0) => Philox.Block(Fold(seed, a, b), c, d).Low;

    /// <summary>A number in [0, 1) with 53 random bits for the key (<paramref name="seed"/>, a, b, c, d).</summary>
    internal static double Uniform(ulong seed, ulong a, ulong b = 0, ulong c = 0, ulong d = 0) => ToUnit(Bits(seed, a, b, c, d));

    /// <summary>A 64-bit key for a text, the same on every machine: the first eight bytes of the SHA-256 of its UTF-8 form.</summary>
    public static ulong Key(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Key(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A 64-bit key for bytes: the first eight bytes of their SHA-256.</summary>
    internal static ulong Key(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    internal static ulong Fold(ulong seed, ulong a, ulong b) => Philox.Block(seed, a, b).Low;

    internal static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
