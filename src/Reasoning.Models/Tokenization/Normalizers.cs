using System.Text;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>Reads the <c>normalizer</c> of tokenizer.json to one function on texts.</summary>
internal static class Normalizers
{
    // Replacing can multiply a text with every step; this much is beyond any text and still fits into memory.
    private const int MostCharacters = 1 << 26;

    /// <summary>The function, or null where the file has none.</summary>
    public static Func<string, string>? Read(JsonFields? fields) => fields is { } present ? Create(present) : null;

    /// <summary>The step <c>Replace</c>, which occurs among normalizers and among decoders.</summary>
    public static Func<string, string> Replace(JsonFields fields)
    {
        string content = fields.OptionalString("content") ?? throw fields.Error("content", "is missing");
        JsonFields pattern = fields.Object("pattern");
        if (!pattern.Has("String"))
        {
            TextPattern regex = TextPattern.Create(pattern, "Regex");
            return text => regex.Replace(text, content) is { Length: <= MostCharacters } result ? result : throw TooLong(text.Length);
        }
        string from = pattern.String("String");
        if (from.Length == 0) throw pattern.Error("String", "is empty");
        return text =>
        {
            long grown = text.Length + ((long)text.AsSpan().Count(from) * (content.Length - from.Length));
            return grown <= MostCharacters ? text.Replace(from, content, StringComparison.Ordinal) : throw TooLong(grown);
        };
    }

    private static UserErrorException TooLong(long characters) =>
        new($"tokenizer.json: replacing makes a text of {characters} characters or more; at most {MostCharacters} are kept");

    private static Func<string, string> Create(JsonFields fields)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                Func<string, string>[] steps = [.. fields.Objects("normalizers").Select(Create)];
                if (steps.Length > TokenizerParts.MostSteps) throw fields.Error("normalizers", $"has {steps.Length} steps; at most {TokenizerParts.MostSteps} are read");
                return text => steps.Aggregate(text, (current, step) => step(current));
            case "NFC": return text => UnicodeNormalization.Normalize(text, NormalizationForm.FormC);
            case "NFD": return text => UnicodeNormalization.Normalize(text, NormalizationForm.FormD);
            case "NFKC": return text => UnicodeNormalization.Normalize(text, NormalizationForm.FormKC);
            case "NFKD": return text => UnicodeNormalization.Normalize(text, NormalizationForm.FormKD);
            case "Lowercase": return Lowercase;
            case "StripAccents": return StripAccents;
            case "Prepend":
                string prefix = fields.String("prepend");
                return text => text.Length == 0 ? text : prefix + text;
            case "Replace": return Replace(fields);
            case "Strip":
                bool left = fields.Bool("strip_left", true);
                bool right = fields.Bool("strip_right", true);
                return text => (left ? text.AsSpan().TrimStart() : text).TrimEnd(right);
            default:
                throw fields.Error("type", $"is '{type}', a normalizer that is not supported");
        }
    }

    // One code point at a time, with the one code point whose full lower case has two.
    private static string Lowercase(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == 0x130) result.Append("i\u0307");
            else result.Append(Rune.ToLowerInvariant(rune).ToString());
        }
        return result.ToString();
    }

    // Combining marks of all kinds; only what a decomposition has set apart goes.
    private static string StripAccents(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0) return text;
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!TextRules.IsMark(rune)) result.Append(rune.ToString());
        }
        return result.ToString();
    }

    private static string TrimEnd(this ReadOnlySpan<char> text, bool trims) => (trims ? text.TrimEnd() : text).ToString();
}
