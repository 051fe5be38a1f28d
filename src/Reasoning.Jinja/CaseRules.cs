using System.Buffers;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>Upper and lower case as Python has it, with the letters that become several.</summary>
internal static class CaseRules
{
    private const string Expanding = "ßŉǰΐΰևẖẗẘẙẚﬀﬁﬂﬃﬄﬅﬆ";

    private static readonly SearchValues<char> s_expanding = SearchValues.Create(Expanding);

    private static readonly string[] s_expanded =
    [
        "SS", "ʼN", "J̌", "Ϊ́", "Ϋ́", "ԵՒ", "H̱", "T̈", "W̊", "Y̊", "Aʾ", "FF", "FI", "FL", "FFI", "FFL", "ST", "ST",
    ];

    public static string Upper(string text)
    {
        string upper = text.ToUpperInvariant();
        if (!upper.AsSpan().ContainsAny(s_expanding)) return upper;
        var result = new StringBuilder();
        foreach (char c in upper)
        {
            int index = Expanding.IndexOf(c);
            if (index < 0) result.Append(c);
            else result.Append(s_expanded[index]);
        }
        return result.ToString();
    }

    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (!text.Contains('Σ') && !text.Contains('İ')) return lower;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == 'İ') result.Append("i̇");
            else if (text[i] == 'Σ' && EndsWord(text, i)) result.Append('ς');
            else result.Append(lower[i]);
        }
        return result.ToString();
    }

    /// <summary>The first letter in upper case, the rest in lower case.</summary>
    public static string Capitalize(string text)
    {
        string? first = CodePoints.Of(text).FirstOrDefault();
        return first is null ? "" : Title(first) + Lower(text[first.Length..]);
    }

    /// <summary>Each run of letters capitalized.</summary>
    public static string TitleWords(string text)
    {
        var result = new StringBuilder();
        bool inWord = false;
        foreach (string point in CodePoints.Of(text))
        {
            bool isCased = IsCased(point);
            if (!isCased) result.Append(point);
            else result.Append(inWord ? Lower(point) : Title(point));
            inWord = isCased;
        }
        return result.ToString();
    }

    /// <summary>Whether a text has letters with case, all of them lower, or all upper.</summary>
    public static bool IsAll(string text, bool upper)
    {
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (upper ? Rune.IsLower(rune) : Rune.IsUpper(rune)) return false;
            any |= upper ? Rune.IsUpper(rune) : Rune.IsLower(rune);
        }
        return any;
    }

    // Python puts the first letter of an expanded one in upper case only: Ss, Fi.
    private static string Title(string point)
    {
        string upper = Upper(point);
        return upper.Length > point.Length && char.IsLetter(upper[1]) ? upper[..1] + Lower(upper[1..]) : upper;
    }

    private static bool IsCased(string point) => Rune.TryGetRuneAt(point, 0, out Rune rune)
        && (Rune.IsUpper(rune) || Rune.IsLower(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.TitlecaseLetter);

    private static bool EndsWord(string text, int sigma) =>
        sigma > 0 && char.IsLetter(text[sigma - 1]) && (sigma + 1 == text.Length || !char.IsLetter(text[sigma + 1]));
}
