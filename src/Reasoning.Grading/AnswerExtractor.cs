using System.Text.RegularExpressions;
using Reasoning.Grading.Reading;

namespace Reasoning.Grading;

/// <summary>
/// Finds the answer in a response: the last <c>\boxed{…}</c> or <c>\fbox{…}</c>, matched by counting braces. The last box decides alone:
/// when it is not closed, the response has no answer. Give it sampled text only; a prompt may well contain the word \boxed.
/// </summary>
public static partial class AnswerExtractor
{
    private const int MostParts = 16;
    private const int LongestGap = 70;

    private static readonly string[] s_boxes = ["\\boxed", "\\fbox"];

    /// <summary>Looks where an answer may stand.</summary>
    public static Extraction Extract(string completionText, AnswerPlace place) =>
        place == AnswerPlace.Anywhere ? ExtractWithFallbacks(completionText) : Extract(completionText);

    /// <summary>Looks for the last box and nothing else.</summary>
    public static Extraction Extract(string completionText)
    {
        ArgumentNullException.ThrowIfNull(completionText);
        int last = -1, open = -1, boxes = 0;
        foreach (string command in s_boxes)
        {
            for (int at = completionText.IndexOf(command, StringComparison.Ordinal); at >= 0;
                 at = completionText.IndexOf(command, at + command.Length, StringComparison.Ordinal))
            {
                int end = at + command.Length;
                if (end < completionText.Length && char.IsAsciiLetter(completionText[end])) continue;
                boxes++;
                if (at < last) continue;
                last = at;
                open = end;
            }
        }
        int none = completionText.Length;
        if (last < 0) return new Extraction(null, ExtractionSource.None, none, none, 0);

        while (open < completionText.Length && char.IsWhiteSpace(completionText[open])) open++;
        int close = open < completionText.Length && completionText[open] == '{' ? Braces.End(completionText, open) : -1;
        if (close < 0) return new Extraction(null, ExtractionSource.UnclosedBox, none, last, boxes);
        string answer = completionText[(open + 1)..(close - 1)];
        return string.IsNullOrWhiteSpace(answer)
            ? new Extraction(null, ExtractionSource.EmptyBox, none, last, boxes)
            : new Extraction(answer, ExtractionSource.Box, open + 1, last, boxes);
    }

    /// <summary>
    /// As <see cref="Extract(string)"/>; where there is no box at all, what stands behind the last "answer is", else the last math between
    /// dollar signs, else the last number. For texts that never promised a box; votes and rewards use the strict form unless a recipe asks for this one.
    /// </summary>
    public static Extraction ExtractWithFallbacks(string completionText)
    {
        Extraction strict = Extract(completionText);
        if (strict.Source == ExtractionSource.Box) return WithNeighbours(completionText, strict);
        if (strict.Source != ExtractionSource.None) return strict;

        int end = completionText.IndexOf("<|im_", StringComparison.Ordinal);
        string text = end < 0 ? completionText : completionText[..end];
        Match phrase = Phrase().Match(text);
        if (phrase.Success)
        {
            Group rest = phrase.Groups["answer"];
            if (Answer.Parse(rest.Value) is { IsReadable: true, Kind: not AnswerKind.Text }) return Found(rest, ExtractionSource.Phrase);
        }
        int from = phrase.Success ? phrase.Groups["answer"].Index : 0;
        // The last number decides, unless it stands in math or the only math behind it is more than a name.
        Match? math = Math().Matches(text, from).LastOrDefault();
        Match? number = Number().Matches(text, from).LastOrDefault();
        bool mathDecides = math is not null && (number is null || number.Index < math.Index + math.Length);
        if (mathDecides) return Found(math!.Groups["math"], ExtractionSource.LastMath);
        return number is null ? strict : Found(number, ExtractionSource.LastNumber);

        Extraction Found(Capture capture, ExtractionSource source) =>
            new(capture.Value, source, capture.Index, completionText.Length, 0);
    }

    /// <summary>
    /// "\boxed{1} and \boxed{2}" is one answer of two parts, given as "1, 2"; a percent sign behind the last box belongs to it. Boxes that
    /// repeat the same content, or that have other words between them, are apart.
    /// </summary>
    private static Extraction WithNeighbours(string text, Extraction last)
    {
        int end = last.Start + last.Answer!.Length + 1;
        string answer = Percent().IsMatch(text.AsSpan(end, System.Math.Min(40, text.Length - end))) ? last.Answer + "\\%" : last.Answer;
        var parts = new List<string> { answer };
        (int start, int boxStart) = (last.Start, last.BoxStart);
        while (parts.Count < MostParts)
        {
            Extraction before = Extract(text[..boxStart]);
            if (before.Source != ExtractionSource.Box || parts.Contains(before.Answer!)) break;
            int gap = before.Start + before.Answer!.Length + 1;
            if (boxStart - gap > LongestGap || !Between().IsMatch(text.AsSpan(gap, boxStart - gap))) break;
            parts.Insert(0, before.Answer);
            (start, boxStart) = (before.Start, before.BoxStart);
        }
        return last with { Answer = string.Join(", ", parts), Start = start, BoxStart = boxStart };
    }

    [GeneratedRegex(@"^[\s$]*(?:\\[)\]])?[\s$]*(?:\\?%|percent\b)")]
    private static partial Regex Percent();

    // Separators only, one comma, semicolon or conjunction at least.
    [GeneratedRegex(@"^(?:[\s$]|\\q?quad|\\[()\[\],;!])*(?:(?:,|;|and\b|or\b|\\text\{[\s,]*(?:and|or)\s*\})(?:[\s$]|\\q?quad|\\[()\[\],;!])*)+$",
        RegexOptions.NonBacktracking)]
    private static partial Regex Between();

    // The line after the phrase, without a closing full stop; the pattern runs from the right, so it finds the last phrase.
    [GeneratedRegex(@"answer\s*(?:\*\*)?\s*(?:is\b|:)\s*:?\s*(?:\*\*)?\s*(?<answer>(?!\s*\*\*\s)[^\n]*?)\s*\.?\s*(?:I hope[^\n]*)?(?:\n|$)",
        RegexOptions.RightToLeft | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Phrase();

    [GeneratedRegex(@"\$\$(?<math>[^$]+)\$\$|\$(?<math>[^$]+)\$|\\\[(?<math>.+?)\\\]|\\\((?<math>.+?)\\\)", RegexOptions.Singleline)]
    private static partial Regex Math();

    [GeneratedRegex(@"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?")]
    private static partial Regex Number();
}
