using System.Text;

namespace Reasoning.Rewards;

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
