using System.Runtime.InteropServices;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// The ids of words met before. Each word has one place, and the word met last keeps it: no eviction, no lock, a bounded size. Entries
/// do not change once they are published, so that threads may read and replace them at the same time.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longest word that is kept, in UTF-16 units.</summary>
    public const int MaxLength = 48;

    private const int Bits = 15;
    private readonly Entry?[] _entries = new Entry?[1 << Bits];

    /// <summary>The ids of a word, or null where it is not here.</summary>
    public int[]? Find(ReadOnlySpan<char> word)
    {
        Entry? entry = Volatile.Read(ref _entries[Slot(word)]);
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    public void Keep(ReadOnlySpan<char> word, int[] ids)
        => Volatile.Write(ref _entries[Slot(word)], new Entry(word.ToString(), ids));

    // Four characters at a time; a good spread matters more than resistance to chosen words, which can only replace each other.
    private static int Slot(ReadOnlySpan<char> word)
    {
        const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
        ulong hash = (ulong)word.Length;
        ReadOnlySpan<ulong> quads = MemoryMarshal.Cast<char, ulong>(word);
        foreach (ulong quad in quads) hash = ulong.RotateLeft((hash ^ quad) * Multiplier, 29);
        foreach (char unit in word[(quads.Length * 4)..]) hash = ulong.RotateLeft((hash ^ unit) * Multiplier, 29);
        return (int)((hash * Multiplier) >> (64 - Bits));
    }

    private sealed record Entry(string Word, int[] Ids);
}
