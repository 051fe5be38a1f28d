namespace Reasoning.Grading.Reading;

/// <summary>Names of units after a number. Units are told apart, never converted: 1 m and 100 cm are different answers.</summary>
internal static class Units
{
    private static readonly Dictionary<string, string> s_known = Build(
        ["mm", "millimeter", "millimetre"], ["cm", "centimeter", "centimetre"], ["dm", "decimeter"], ["m", "meter", "metre"],
        ["km", "kilometer", "kilometre"], ["in", "inch", "inches"], ["ft", "foot", "feet"], ["yd", "yard"], ["mi", "mile"],
        ["mg", "milligram"], ["g", "gram"], ["kg", "kilogram"], ["lb", "lbs", "pound"], ["oz", "ounce"], ["ton", "tonne"],
        ["ms", "millisecond"], ["s", "sec", "second"], ["min", "minute"], ["h", "hr", "hrs", "hour"], ["day"], ["week"], ["month"],
        ["year", "yr", "yrs"], ["ml", "mL", "milliliter", "millilitre"], ["l", "L", "liter", "litre"], ["gal", "gallon"],
        ["°", "deg", "degree"], ["rad", "radian"], ["dollar", "usd", "buck"], ["cent"], ["euro"], ["yuan"], ["mph"], ["kph"],
        ["unit"], ["people", "person"], ["student"], ["apple"], ["ball"], ["marble"], ["book"], ["box", "boxes"], ["way"], ["time"],
        ["piece"], ["page"], ["point"], ["coin"], ["card"], ["mile per hour", "miles per hour"], ["am", "AM"], ["pm", "PM"]);

    /// <summary>Whether a word behind a number is a unit even when written plainly, not a product of symbols.</summary>
    public static bool IsUnitWord(string word) => (word.Length > 1 && s_known.ContainsKey(word)) || LooksLikeNoun(word);

    /// <summary>Whether a single letter is a unit when it stands as text behind a number.</summary>
    public static bool IsLetter(char letter) => letter is 'm' or 'g' or 's' or 'h' or 'l' or 'L';

    /// <summary>What a word behind a number multiplies it by: a power of ten, or null for any other word.</summary>
    public static int? PowerOfTen(string word) => word.ToLowerInvariant() switch
    {
        "hundred" => 2,
        "thousand" => 3,
        "million" => 6,
        "billion" => 9,
        "trillion" => 12,
        _ => null,
    };

    /// <summary>The canonical name, or null for an empty text.</summary>
    public static string? Canonical(string text)
    {
        string[] words = text.Trim().TrimEnd('.').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return null;
        string power = "";
        if (words.Length > 1 && words[0].ToLowerInvariant() is "square" or "sq" or "sq." or "cubic")
        {
            power = words[0].StartsWith('c') || words[0].StartsWith('C') ? "^3" : "^2";
            words = words[1..];
        }
        string joined = string.Join(' ', words);
        int caret = joined.IndexOf('^', StringComparison.Ordinal);
        if (caret > 0)
        {
            power = "^" + joined[(caret + 1)..].Trim('{', '}', ' ');
            joined = joined[..caret];
        }
        joined = joined.TrimEnd();
        if (s_known.TryGetValue(joined, out string? known) || s_known.TryGetValue(joined.ToLowerInvariant(), out known)) return known + power;
        return joined.ToLowerInvariant() + power;
    }

    // Five letters or more with a vowel, not in the order of the alphabet: a noun, not a·b·c·d·e.
    private static bool LooksLikeNoun(string word)
    {
        if (word.Length < 5 || !word.AsSpan().ContainsAny("aeiou")) return false;
        for (int i = 0; i < word.Length; i++)
        {
            if (!char.IsAsciiLetterLower(word[i])) return false;
        }
        for (int i = 1; i < word.Length; i++)
        {
            if (word[i] <= word[i - 1]) return true;
        }
        return false;
    }

    private static Dictionary<string, string> Build(params string[][] groups)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] names in groups)
        {
            foreach (string name in names)
            {
                known.TryAdd(name, names[0]);
                if (name.Length > 2 && !name.EndsWith('s')) known.TryAdd(name + "s", names[0]);
            }
        }
        return known;
    }
}
