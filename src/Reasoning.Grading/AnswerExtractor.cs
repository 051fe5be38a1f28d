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

    /// <summary>Whether a box stands in a text, complete or not.</summary>
    internal static bool HasBox(string text) => Extract(text).Boxes > 0;

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
        bool isBraced = open < completionText.Length && completionText[open] == '{';
        if (!isBraced && Bare().Match(completionText, open) is { Success: true } bare)
            return new Extraction(bare.Groups["answer"].Value, ExtractionSource.Box, bare.Groups["answer"].Index, last, boxes);
        int close = isBraced ? Braces.End(completionText, open) : -1;
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
    internal static Extraction ExtractWithFallbacks(string completionText)
    {
        Extraction strict = Extract(completionText);
        if (strict.Source == ExtractionSource.Box) return WithNeighbours(completionText, strict);
        if (strict.Source != ExtractionSource.None) return strict;

        int end = completionText.IndexOf("<|im_", StringComparison.Ordinal);
        string text = end < 0 ? completionText : completionText[..end];
        foreach (Match phrase in Phrase().Matches(text).Reverse())
        {
            // "The answer is not 3" is no answer, "not 3 but 5" is one.
            if (phrase.Groups["not"].Success && !phrase.Groups["but"].Success) continue;
            int start = phrase.Index + phrase.Length, line = text.IndexOf('\n', start);
            if (InSentence(text, start, line < 0 ? text.Length : line) is { } found) return found;
        }
        if (Phrase().IsMatch(text)) return strict;
        return LastIn(text, 0, text.Length, ExtractionSource.LastNumber) ?? strict;

        // What a sentence starts with, else the last number in it; math that holds that number, or stands where there is none, decides.
        Extraction? LastIn(string text, int start, int end, ExtractionSource source)
        {
            text = text[..end];
            Match first = Math().Match(text, start);
            if (first.Success && source == ExtractionSource.Phrase && first.Index == start) return Found(first.Groups["math"], source);
            Match? math = Math().Matches(text, start).LastOrDefault(match => !IsDenied(match)), number = Number().Matches(text, start).LastOrDefault(match => !IsDenied(match));
            if (source == ExtractionSource.Phrase && Number().Match(text, start) is { Success: true } opening && opening.Index == start) number = opening;
            bool mathDecides = math is not null && (number is null || number.Index < math.Index + math.Length);
            if (mathDecides) return Found(math!.Groups["math"], source == ExtractionSource.LastNumber ? ExtractionSource.LastMath : source);
            return number is null ? null : Found(number, source);

            bool IsDenied(Match match) => Negation().IsMatch(text[..match.Index]) || Denial().IsMatch(text[(match.Index + match.Length)..]);
        }

        // The line behind the phrase; its first sentence; the first math or number in that.
        Extraction? InSentence(string text, int start, int end)
        {
            foreach (Match part in Sentences().Matches(text[start..end]).Take(1).Prepend(Line().Match(text[start..end])))
            {
                Group answer = part.Groups["answer"];
                if (Answer.Parse(answer.Value) is { IsReadable: true, Kind: not AnswerKind.Text })
                    return new Extraction(answer.Value, ExtractionSource.Phrase, start + answer.Index, completionText.Length, 0);
            }
            int stop = Sentences().Match(text, start, end - start) is { Success: true } sentence ? sentence.Index + sentence.Length : end;
            return LastIn(text, start, stop, ExtractionSource.Phrase);
        }

        Extraction Found(Capture capture, ExtractionSource source) =>
            new(capture.Value, source, capture.Index, completionText.Length, 0);
    }

    /// <summary>
    /// "\boxed{1} and \boxed{2}" is one answer of two parts, given as "1, 2"; a percent sign behind the last box belongs to it. Boxes that
    /// repeat the same content, or that have other words between them, are apart.
    /// </summary>
    private static Extraction WithNeighbours(string text, Extraction last)
    {
        int end = System.Math.Min(text.Length, last.Start + last.Answer!.Length + 1);
        string answer = Percent().IsMatch(text.AsSpan(end, System.Math.Min(40, text.Length - end))) ? last.Answer + "\\%" : last.Answer;
        var parts = new List<string> { answer };
        (int start, int boxStart) = (last.Start, last.BoxStart);
        while (parts.Count < MostParts)
        {
            Extraction before = Extract(text[..boxStart]);
            if (before.Source != ExtractionSource.Box || parts.Contains(before.Answer!)) break;
            int gap = System.Math.Min(boxStart, before.Start + before.Answer!.Length + 1);
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

    // "answer is", and what stands behind it on its line or, where that is empty, on the next.
    [GeneratedRegex(@"(?:\banswer\s*(?:\*\*)?\s*(?:(?:is|equals|(?:would|must|should|will|could|can|may|might)(?<not>\s*not|n't)?\s+be)\b|=|:|(?=isn't))|答案(?:不?是|为|:|：)*(?<not>(?<=不是))?)\s*:?\s*(?:\*\*)?\s*"
        + @"(?:(?<not>(?:\w+ly\s+)?(?:not|isn't|never)\b|\\neq?\b)\s*(?<but>[^\n.]*?\bbut\s+(?:rather\s+)?)?)?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Phrase();

    // Without a closing full stop.
    [GeneratedRegex(@"^\s*(?<answer>[^\n]*?)\s*\.?\s*(?:I hope[^\n]*)?$")]
    private static partial Regex Line();

    // Up to a full stop, question or exclamation mark that ends a sentence, or a word that goes on about it.
    [GeneratedRegex(@"\G\s*(?<answer>[^\n]*?)\s*(?:。|[.!?;](?=\s|$|\*)|,\s+(?:and|since|because|as|so|which|not|where)\b|\s+(?:since|because|as|so|which)\b|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Sentences();

    [GeneratedRegex(@"(?:(?:\bnot|n't)(?:\s+(?:be|equal(?:\s+to)?|exactly|necessarily))?|\bnever|\brather than|\binstead of|\\neq?|≠|!=)\s*\$?\s*$", RegexOptions.IgnoreCase | RegexOptions.RightToLeft)]
    private static partial Regex Negation();

    [GeneratedRegex(@"^\s*\$?\s*(?:is|are|was|does|do|can|could)(?:\s+not\b|n't\b|not\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Denial();

    // \boxed without braces: a number, else everything up to the end of the formula.
    [GeneratedRegex(@"\G(?:(?<answer>[-+]?\d[\d,]*(?:\.\d+)?(?:/\d+)?)(?![\\\w^])|(?<answer>[A-Za-z])(?![A-Za-z\\^_(])|(?<answer>[^\s$][^$\n]*?)\s*(?:\$|\\\)|\\\]))")]
    private static partial Regex Bare();

    [GeneratedRegex(@"\$\$(?<math>[^$]+)\$\$|\$(?<math>[^$]+)\$|\\\[(?<math>.+?)\\\]|\\\((?<math>.+?)\\\)", RegexOptions.Singleline)]
    private static partial Regex Math();

    [GeneratedRegex(@"(?<![A-Za-z0-9_.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?")]
    private static partial Regex Number();
}
