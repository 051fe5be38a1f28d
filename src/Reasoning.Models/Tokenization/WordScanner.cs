namespace Reasoning.Models.Tokenization;

/// <summary>Where the word that begins at a place of a text ends: the hand-written form of a pattern that leaves no gaps.</summary>
internal delegate int WordScanner(ReadOnlySpan<char> text, int start);

/// <summary>
/// The patterns that nearly all byte-level tokenizers cut words with, as scanners: several times as fast as the regular expressions, and
/// equal to them.
/// </summary>
internal static class WordScanners
{
    /// <summary>GPT-2 and its descendants, SmolLM among them.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3.</summary>
    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen 2, 2.5 and 3.</summary>
    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Mistral Nemo.</summary>
    public const string Tekken =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const CharKind Word = CharKind.Letter | CharKind.Number;
    private const CharKind Known = Word | CharKind.Space;

    /// <summary>The scanner for a pattern, or null.</summary>
    public static WordScanner? For(string pattern) => pattern switch
    {
        Gpt2 => Gpt2Word,
        Llama3 => static (text, start) => ThirdGenerationWord(text, start, 3),
        Qwen2 => static (text, start) => ThirdGenerationWord(text, start, 1),
        Tekken => CasedWord,
        _ => null,
    };

    private static int Gpt2Word(ReadOnlySpan<char> text, int start)
    {
        CharKind kind = CharKinds.At(text, start, out int length);
        if (text[start] == '\'' && Contraction(text[(start + 1)..], ignoresCase: false) is > 0 and int taken) return start + 1 + taken;
        bool takesSpace = text[start] == ' ' && CharKinds.AtOrEnd(text, start + 1) is { } next && (next & CharKind.Space) == 0;
        if (takesSpace) kind = CharKinds.At(text, ++start, out length);
        if ((kind & CharKind.Letter) != 0) return CharKinds.EndOfRun(text, start + length, CharKind.Letter);
        if ((kind & CharKind.Number) != 0) return CharKinds.EndOfRun(text, start + length, CharKind.Number);
        if ((kind & CharKind.Space) == 0) return CharKinds.EndOfOthers(text, start + length, Known);
        return Spaces(text, start, CharKinds.EndOfRun(text, start, CharKind.Space));
    }

    private static int ThirdGenerationWord(ReadOnlySpan<char> text, int start, int maxDigits)
    {
        CharKind kind = CharKinds.At(text, start, out int length);
        if ((kind & CharKind.Letter) != 0) return CharKinds.EndOfRun(text, start + length, CharKind.Letter);
        if (text[start] == '\'' && Contraction(text[(start + 1)..], ignoresCase: true) is > 0 and int taken) return start + 1 + taken;
        CharKind? next = CharKinds.AtOrEnd(text, start + length);
        bool leadsLetters = (kind & (Word | CharKind.LineEnd)) == 0 && next is { } letter && (letter & CharKind.Letter) != 0;
        if (leadsLetters) return CharKinds.EndOfRun(text, start + length, CharKind.Letter);
        if ((kind & CharKind.Number) != 0) return Digits(text, start + length, maxDigits - 1);
        return Rest(text, start, kind, length, next, takesSlash: false);
    }

    private static int CasedWord(ReadOnlySpan<char> text, int start)
    {
        CharKind kind = CharKinds.At(text, start, out int length);
        bool mayLead = (kind & (Word | CharKind.LineEnd)) == 0;
        int afterLead = mayLead ? start + length : start;
        int end = LowerEnd(text, afterLead);
        if (end < 0 && mayLead) end = LowerEnd(text, start);
        if (end < 0) end = UpperEnd(text, afterLead);
        if (end < 0 && mayLead) end = UpperEnd(text, start);
        if (end >= 0) return end;
        if ((kind & CharKind.Number) != 0) return start + length;
        return Rest(text, start, kind, length, CharKinds.AtOrEnd(text, start + length), takesSlash: true);
    }

    // Any number of upper-case characters, then one or more in lower case; what is both may go to either. -1 where there are none.
    private static int LowerEnd(ReadOnlySpan<char> text, int start)
    {
        int place = start, lastLower = -1;
        while (place < text.Length)
        {
            CharKind kind = CharKinds.At(text, place, out int length);
            if ((kind & CharKind.Upper) == 0) break;
            place += length;
            if ((kind & CharKind.Lower) != 0) lastLower = place;
        }
        int end = CharKinds.EndOfRun(text, place, CharKind.Lower);
        return end > place ? end : lastLower;
    }

    private static int UpperEnd(ReadOnlySpan<char> text, int start)
    {
        int place = CharKinds.EndOfRun(text, start, CharKind.Upper);
        return place > start ? CharKinds.EndOfRun(text, place, CharKind.Lower) : -1;
    }

    // What neither letters nor numbers begin: symbols with the line ends behind them, or white space.
    private static int Rest(ReadOnlySpan<char> text, int start, CharKind kind, int length, CharKind? next, bool takesSlash)
    {
        bool takesSpace = text[start] == ' ' && next is { } symbol && (symbol & Known) == 0;
        if (takesSpace || (kind & CharKind.Space) == 0)
        {
            int end = CharKinds.EndOfOthers(text, start + length, Known);
            while (end < text.Length && (text[end] is '\r' or '\n' || (takesSlash && text[end] == '/'))) end++;
            return end;
        }
        int runEnd = CharKinds.EndOfRun(text, start, CharKind.Space);
        int lineEnd = text[start..runEnd].LastIndexOfAny('\r', '\n');
        return lineEnd >= 0 ? start + lineEnd + 1 : Spaces(text, start, runEnd);
    }

    // A run of white space leaves its last character to what follows it, unless it has no other.
    private static int Spaces(ReadOnlySpan<char> text, int start, int end)
        => end == text.Length || end - start == 1 ? end : end - 1;

    private static int Digits(ReadOnlySpan<char> text, int start, int count)
    {
        while (count-- > 0 && start < text.Length && (CharKinds.At(text, start, out int length) & CharKind.Number) != 0) start += length;
        return start;
    }

    // Length of what follows an apostrophe: s, t, re, ve, m, ll or d, and the long s where case does not count.
    private static int Contraction(ReadOnlySpan<char> rest, bool ignoresCase)
    {
        if (rest.Length == 0) return 0;
        char first = Fold(rest[0], ignoresCase);
        if (first is 's' or 't' or 'm' or 'd') return 1;
        char second = rest.Length > 1 ? Fold(rest[1], ignoresCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    private static char Fold(char unit, bool ignoresCase) => unit switch
    {
        _ when !ignoresCase => unit,
        >= 'A' and <= 'Z' => (char)(unit | 0x20),
        '\u017F' => 's',
        _ => unit,
    };
}
