using System.Globalization;
using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>Character classes by code point, as the tokenizers library defines them.</summary>
internal static class TextRules
{
    public static bool IsPunctuation(Rune rune)
    {
        if (rune.IsAscii) return char.IsAsciiLetterOrDigit((char)rune.Value) is false && rune.Value is > 0x20 and < 0x7F;
        return Rune.IsPunctuation(rune);
    }

    public static bool IsMark(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>
    /// A letter, mark, decimal or letter-like number, connector, or joiner: what <c>\w</c> means in Unicode regular expressions.
    /// </summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.LetterNumber or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ when Rune.IsLetter(rune) || IsMark(rune) => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9),
    };

    /// <summary>The text with each unpaired surrogate replaced by U+FFFD, as any conversion to UTF-8 would do it.</summary>
    public static string WellFormed(string text)
    {
        int i = 0;
        while (i < text.Length)
        {
            if (!char.IsSurrogate(text[i])) i++;
            else if (Rune.TryGetRuneAt(text, i, out _)) i += 2;
            else return new UTF8Encoding().GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }
}
