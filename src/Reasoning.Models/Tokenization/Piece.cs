using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>A stretch of text on its way through the pre-tokenizers.</summary>
/// <param name="Text">The string it lies in.</param>
/// <param name="Start">Position of its first UTF-16 unit.</param>
/// <param name="Length">Number of UTF-16 units.</param>
/// <param name="OpensInput">Whether it begins where the input began.</param>
/// <param name="Origins">
/// Where each unit of <paramref name="Text"/>, and its end, comes from in the normalized text; null where nobody asks.
/// </param>
internal readonly record struct Piece(string Text, int Start, int Length, bool OpensInput, int[]? Origins = null)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>A part of this piece; <paramref name="start"/> counts from the start of the piece.</summary>
    public Piece Slice(int start, int length) => new(Text, Start + start, length, OpensInput && start == 0, Origins);

    /// <summary>Something put before this piece, whose own characters were replaced one by one.</summary>
    public Piece With(string text) => With(text, Enumerable.Repeat(0, text.Length - Length).Concat(Enumerable.Range(0, Length)));

    /// <summary>This piece in the characters of <see cref="ByteAlphabet"/>.</summary>
    public Piece SpellBytes()
    {
        var bytes = new List<int>();
        if (Origins is not null) AddByteStarts(Span, bytes);
        return With(ByteAlphabet.Encode(Span), bytes);
    }

    /// <summary>Where in a text the character begins that each of its UTF-8 bytes belongs to.</summary>
    public static void AddByteStarts(ReadOnlySpan<char> text, List<int> starts)
    {
        int place = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            for (int i = 0; i < rune.Utf8SequenceLength; i++) starts.Add(place);
            place += rune.Utf16SequenceLength;
        }
    }

    public override string ToString() => Text.Substring(Start, Length);

    private Piece With(string text, IEnumerable<int> sources)
    {
        if (Origins is not { } origins) return new Piece(text, 0, text.Length, OpensInput);
        int start = Start;
        return new Piece(text, 0, text.Length, OpensInput, [.. sources.Append(Length).Select(source => origins[start + source])]);
    }
}
