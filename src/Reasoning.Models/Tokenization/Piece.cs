namespace Reasoning.Models;

/// <summary>A stretch of text on its way through the pre-tokenizers.</summary>
/// <param name="Text">The string it lies in.</param>
/// <param name="Start">Position of its first UTF-16 unit.</param>
/// <param name="Length">Number of UTF-16 units.</param>
/// <param name="OpensInput">Whether it begins where the input began.</param>
internal readonly record struct Piece(string Text, int Start, int Length, bool OpensInput)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>A part of this piece; <paramref name="start"/> counts from the start of the piece.</summary>
    public Piece Slice(int start, int length) => new(Text, Start + start, length, OpensInput && start == 0);

    /// <summary>A new text in the place of this piece.</summary>
    public Piece With(string text) => new(text, 0, text.Length, OpensInput);

    public override string ToString() => Text.Substring(Start, Length);
}
