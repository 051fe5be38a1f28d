using System.Text;

namespace Reasoning.Grading.Reading;

/// <summary>Tells words from mathematics.</summary>
internal static class PlainText
{
    private const string Punctuation = " '\"-.,&!?;:()/";

    /// <summary>Letters and punctuation only, with at least one word that is neither a symbol nor a mathematical word.</summary>
    public static bool IsWords(string text)
    {
        bool hasWord = false;
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            if (char.IsLetter(c))
            {
                if (start < 0) start = i;
                continue;
            }
            if (!Punctuation.Contains(c, StringComparison.Ordinal)) return false;
            if (start >= 0) hasWord |= IsOrdinaryWord(text.AsSpan(start, i - start));
            start = -1;
        }
        return hasWord;
    }

    /// <summary>As <see cref="IsWords"/> with digits allowed and one word of three letters at least: for what is not mathematics either.</summary>
    public static bool IsSentence(string text)
    {
        int letters = 0, longest = 0;
        foreach (char c in text)
        {
            letters = char.IsLetter(c) ? letters + 1 : 0;
            longest = Math.Max(longest, letters);
            if (!char.IsLetterOrDigit(c) && !Punctuation.Contains(c, StringComparison.Ordinal)) return false;
        }
        return longest >= 3;
    }

    /// <summary>
    /// Whether a text stands where an answer should be and is none: "no answer", or the word from the prompt's own template.
    /// </summary>
    public static bool IsPlaceholder(string text) => text is "N/A" or "n/a" or "?" or "…" or "..." or ".." || Normalize(text) is
        "no answer" or "no answer found" or "no final answer" or "not answered" or "unanswered" or "answer" or "the answer" or "your answer"
        or "final answer" or "your final answer" or "the final answer" or "answer here" or "i don't know" or "i do not know" or "unknown";

    /// <summary>Whether words may spell a number: the first is one, or a sign.</summary>
    public static bool MayBeNumber(string text)
    {
        int end = text.AsSpan().IndexOfAny(' ', '-');
        string first = end < 0 ? text : text[..end];
        return NumberWords.Begins(first) || first.ToLowerInvariant() is "negative" or "minus" || IsPower(text);
    }

    /// <summary>"x squared"</summary>
    public static bool IsPower(string text) => text.EndsWith(" squared", StringComparison.Ordinal) || text.EndsWith(" cubed", StringComparison.Ordinal);

    /// <summary>The text with the content of \text{…} in place, spaced as words.</summary>
    public static string WithoutTextCommands(string text)
    {
        const string Command = "\\text{";
        for (int at = text.IndexOf(Command, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Command, at, StringComparison.Ordinal))
        {
            int end = Braces.End(text, at + Command.Length - 1);
            if (end < 0) return text;
            text = $"{text[..at]} {text[(at + Command.Length)..(end - 1)]} {text[end..]}";
        }

        return text.Replace(Layout.ThinSpace, ' ').Replace(Layout.NoSpace.ToString(), "", StringComparison.Ordinal);
    }

    /// <summary>Lower case, single spaces, no quotes, nothing but words at the ends.</summary>
    public static string Normalize(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c is '"') continue;
            if (c != ' ' || (normal.Length > 0 && normal[^1] != ' ')) normal.Append(char.ToLowerInvariant(c));
        }
        return normal.ToString().Trim(' ', '.', ',', ';', ':', '!', '?');
    }

    private static bool IsOrdinaryWord(ReadOnlySpan<char> word) =>
        word.Length > 1 && !(word is "pi" or "inf" or "infinity" or "oo")
        && !Commands.Words.ContainsKey(word.ToString()) && !Commands.Functions.Contains(word.ToString());
}
