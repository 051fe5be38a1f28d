using System.Text.RegularExpressions;

namespace Reasoning.Grading.Reading;

/// <summary>Takes off what stands around an answer: math delimiters, quotes, a closing full stop, "the answer is", the letter of a choice.</summary>
internal static partial class Surroundings
{
    private const int MostPasses = 64;

    private static readonly (string Open, string Close)[] s_pairs = [("$$", "$$"), ("$", "$"), ("\"", "\""), ("<answer>", "</answer>")];

    /// <summary>The answer without delimiters, lead-in and closing punctuation.</summary>
    public static string Strip(string text)
    {
        for (int i = 0; i < MostPasses; i++)
        {
            string stripped = StripOnce(text.Trim(' ', Layout.ThinSpace, Layout.NoSpace));
            if (stripped.Length == text.Length) return text;
            text = stripped;
        }
        return text;
    }

    /// <summary>"(B) 12" and "B. 12": a letter and what it chooses; null for anything else.</summary>
    public static (string Letter, string Chosen)? Choice(string text)
    {
        if (text.Length < 3 || !text.AsSpan(0, Math.Min(text.Length, 16)).ContainsAny(").:}")) return null;
        Match match = Lettered().Match(text);
        if (!match.Success) return null;
        string open = match.Groups["close"].Success ? "" : match.Groups["open"].Value;
        return (match.Groups["letter"].Value, open + match.Groups["rest"].Value);
    }

    private static string StripOnce(string text)
    {
        if (text.Length == 0) return text;
        if (text[^1] is '.' or ',' or ';' or ':' or '\\' && !text.EndsWith("..", StringComparison.Ordinal)) return text[..^1];
        if (text[0] == '{' && Braces.End(text, 0) == text.Length) return text[1..^1];
        if (text[0] is ',' or ':') return text[1..];
        if (text[0] == '=' && text.Length > 1) return text[1..];
        if (text.StartsWith("\\approx ", StringComparison.Ordinal)) return text[8..];
        // "C)" names a choice; "(C)" reads as C by itself.
        if (text.Length == 2 && char.IsAsciiLetter(text[0]) && text[1] == ')') return text[..1];
        foreach ((string open, string close) in s_pairs)
        {
            if (text.Length >= open.Length + close.Length
                && text.StartsWith(open, StringComparison.Ordinal) && text.EndsWith(close, StringComparison.Ordinal)
                && !text.AsSpan(open.Length, text.Length - open.Length - close.Length).Contains(open, StringComparison.Ordinal)
                && !text.EndsWith("\\" + close, StringComparison.Ordinal))
            {
                return text[open.Length..^close.Length];
            }
        }
        const string Words = "\\text{";
        if (text.StartsWith(Words, StringComparison.Ordinal) && Braces.End(text, Words.Length - 1) == text.Length) return text[Words.Length..^1];
        if (text.Length < 2 || text[0] is >= '0' and <= '9' or '-' or '(' or '[') return text;
        Match lead = LeadIn().Match(text);
        if (!lead.Success) return text;
        string rest = text[lead.Length..];
        bool isOpen = lead.Value.Contains(Words, StringComparison.Ordinal) && !lead.Value.Contains('}', StringComparison.Ordinal);
        return isOpen ? Words + rest : rest;
    }

    // "so", "the answer is", "the value of x is"; "not" behind it makes another statement of it.
    [GeneratedRegex(@"^(?:\\text\{)?\s*(?:"
        + @"(?:(?:so|thus|hence|therefore|finally|and|we (?:get|have|find)|it is)\b\s*,?\s*)?(?:(?:the|my|our|your)\s+)?(?:(?:final|correct|right|numerical|exact)\s+)?"
        + @"(?:answer|ans\.?|result|solution(?: set)?|option|choice|value|total)(?:\s+(?:of|to|for)\s+[^=]{1,40}?)?"
        + @"(?:\s*(?:\\text\{\s*)?(?:is|are|equals|=|:|\bwould be|\bmust be|\bshould be|\bwill be)(?![a-z])|(?<=answer|ans\.|option|choice)\s+(?=\(?[A-J]\)?\W*$|[\d\\(\[{$-])|(?<=answer|ans\.)(?=\s*\}\s*=?))"
        + @"\s*:?\s*(?:(?:equal to|given by|simply|just|therefore|thus|exactly|option|choice)\s+)*"
        + @"|(?:so|thus|hence|therefore|finally|we (?:get|have|find)|it is)\b\s*,?(?=\s)"
        + @"|(?:答案|结果|答)(?:是|为|等于|:)?|故选?|应?选|所以|因此|总?共|一共)\s*:?\s*\}?\s*(?!not\b|\\neq?\b|isn)(?=\S)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LeadIn();

    // The letter in brackets or before a mark; then something that does not go on with a formula.
    [GeneratedRegex(@"^(?<open>\\text\{)?\s*(?:\(\s*(?<letter>[A-J])\s*\)(?!-|\s+-\s|\s*(?:[\^_!+*/=<>|(,;]|\\cup|\\cap|\\cdot|\\times|(?:\\text\{\s*)?(?:and|or)\b|$))|(?<letter>[A-J])(?:[.)](?=\s*\S)|:(?=[\s\d}])))(?<close>\s*\})?[\s:.]*(?<rest>\S.*)$",
        RegexOptions.Singleline)]
    private static partial Regex Lettered();
}
