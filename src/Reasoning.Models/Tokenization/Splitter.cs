using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>Cuts a piece at matches, the way the tokenizers library does.</summary>
internal static class Splitter
{
    /// <summary>Adds the parts of <paramref name="piece"/> to <paramref name="output"/>; empty parts are left out.</summary>
    /// <param name="piece">What is cut.</param>
    /// <param name="spans">Consecutive stretches that cover the piece: where each ends, and whether it is a match.</param>
    /// <param name="behavior">What happens to the matches.</param>
    /// <param name="output">Receives the parts.</param>
    public static void Split(Piece piece, List<(int End, bool IsMatch)> spans, SplitBehavior behavior, List<Piece> output)
    {
        int start = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            bool joinsNext = i + 1 < spans.Count && behavior switch
            {
                SplitBehavior.Contiguous => spans[i].IsMatch == spans[i + 1].IsMatch,
                SplitBehavior.MergedWithPrevious => spans[i + 1].IsMatch && !spans[i].IsMatch,
                SplitBehavior.MergedWithNext => spans[i].IsMatch && !spans[i + 1].IsMatch,
                _ => false,
            };
            if (joinsNext) continue;
            int length = spans[i].End - start;
            bool isDropped = length == 0 || (behavior == SplitBehavior.Removed && spans[i].IsMatch);
            if (!isDropped) output.Add(piece.Slice(start, length));
            start = spans[i].End;
        }
    }

    /// <summary>The stretches of a piece for a test on single code points: each that passes is one match.</summary>
    public static void Spans(Piece piece, Func<Rune, bool> isMatch, List<(int End, bool IsMatch)> spans)
    {
        spans.Clear();
        int position = 0;
        foreach (Rune rune in piece.Span.EnumerateRunes())
        {
            position += rune.Utf16SequenceLength;
            bool match = isMatch(rune);
            if (!match && spans.Count > 0 && !spans[^1].IsMatch) spans[^1] = (position, false);
            else spans.Add((position, match));
        }
    }

    /// <summary>The stretches of a piece for a fixed text.</summary>
    public static void Spans(Piece piece, string text, List<(int End, bool IsMatch)> spans)
    {
        spans.Clear();
        int position = 0;
        while (position < piece.Length)
        {
            int found = piece.Span[position..].IndexOf(text, StringComparison.Ordinal);
            if (found < 0) break;
            if (found > 0) spans.Add((position + found, false));
            position += found + text.Length;
            spans.Add((position, true));
        }
        if (position < piece.Length) spans.Add((piece.Length, false));
    }
}
