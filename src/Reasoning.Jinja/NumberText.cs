using System.Globalization;
using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>Strings as numbers, in the spellings that Python's <c>int</c> and <c>float</c> read.</summary>
internal static class NumberText
{
    private const int MaxDigits = 300;

    /// <summary>The integer that a text spells in a base, or null.</summary>
    public static BigInteger? Integer(string text, int radix)
    {
        if (radix is < 2 or > 36) throw new TemplateException("a base is from 2 to 36");
        string digits = StringMethods.Strip(text, null, true, true);
        bool isNegative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '-' or '+') digits = digits[1..];
        string prefix = radix switch { 2 => "0b", 8 => "0o", 16 => "0x", _ => "" };
        if (prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        if (digits.Length is 0 or > MaxDigits || digits[0] == '_' || digits[^1] == '_') return null;
        if (digits.Contains("__", StringComparison.Ordinal)) return null;
        BigInteger number = 0;
        foreach (char c in digits)
        {
            if (c == '_') continue;
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : radix;
            if (digit >= radix) return null;
            number = (number * radix) + digit;
        }
        return isNegative ? -number : number;
    }

    /// <summary>The number that a text spells, or null.</summary>
    public static double? Float(string text)
    {
        string number = StringMethods.Strip(text, null, true, true);
        if (number.Length is 0 or > MaxDigits) return null;
        switch (number.TrimStart('+', '-').ToLowerInvariant())
        {
            case "nan":
                return double.NaN;
            case "inf" or "infinity" when number.Length - number.TrimStart('+', '-').Length <= 1:
                return number[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }
        bool isSpelled = number.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E');
        return isSpelled && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }
}
