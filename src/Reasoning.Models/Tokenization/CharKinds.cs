using System.Globalization;
using System.Runtime.CompilerServices;

namespace Reasoning.Models.Tokenization;

/// <summary>What a character is to the patterns that cut words.</summary>
[Flags]
internal enum CharKind : byte
{
    /// <summary>None of the others: punctuation, symbols, controls, unassigned.</summary>
    Other = 0,

    /// <summary><c>\p{L}</c>.</summary>
    Letter = 1,

    /// <summary><c>\p{N}</c>.</summary>
    Number = 2,

    /// <summary><c>\s</c>.</summary>
    Space = 4,

    /// <summary>Carriage return or line feed, which are spaces, too.</summary>
    LineEnd = 8,

    /// <summary>Upper and title case, and what has no case, marks included.</summary>
    Upper = 16,

    /// <summary>Lower case, and what has no case, marks included.</summary>
    Lower = 32,
}

/// <summary>The kinds of all characters: a table for the basic plane, the category of the code point beyond it.</summary>
internal static class CharKinds
{
    private static readonly CharKind[] s_kinds = [.. Enumerable.Range(0, 0x10000).Select(unit => Of((char)unit))];

    /// <summary>The kind of the character at a place of well-formed text, and how many units it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharKind At(ReadOnlySpan<char> text, int place, out int length)
    {
        char unit = text[place];
        length = 1;
        return char.IsHighSurrogate(unit) && place + 1 < text.Length ? Beyond(unit, text[place + 1], out length) : s_kinds[unit];
    }

    /// <summary>The kind of the character at a place, or none at the end of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharKind? AtOrEnd(ReadOnlySpan<char> text, int place) => place < text.Length ? At(text, place, out _) : null;

    /// <summary>Where the run of characters that have one of the kinds ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int start, CharKind kinds)
    {
        int place = start;
        while (place < text.Length && (At(text, place, out int length) & kinds) != 0) place += length;
        return place;
    }

    /// <summary>Where the run of characters that have none of the kinds ends.</summary>
    public static int EndOfOthers(ReadOnlySpan<char> text, int start, CharKind kinds)
    {
        int place = start;
        while (place < text.Length && (At(text, place, out int length) & kinds) == 0) place += length;
        return place;
    }

    private static CharKind Beyond(char high, char low, out int length)
    {
        length = 2;
        return Of(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(high, low)));
    }

    private static CharKind Of(char unit)
    {
        if (unit is '\r' or '\n') return CharKind.Space | CharKind.LineEnd;
        return char.IsWhiteSpace(unit) ? CharKind.Space : Of(CharUnicodeInfo.GetUnicodeCategory(unit));
    }

    private static CharKind Of(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharKind.Letter | CharKind.Upper,
        UnicodeCategory.LowercaseLetter => CharKind.Letter | CharKind.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharKind.Letter | CharKind.Upper | CharKind.Lower,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            => CharKind.Upper | CharKind.Lower,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharKind.Number,
        _ => CharKind.Other,
    };
}
