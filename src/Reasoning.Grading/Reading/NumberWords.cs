namespace Reasoning.Grading.Reading;

/// <summary>Whole numbers below one hundred in words.</summary>
internal static class NumberWords
{
    private static readonly string[] s_small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] s_tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The number that a text in lower case spells, or null.</summary>
    public static int? Value(string text)
    {
        int small = Array.IndexOf(s_small, text);
        if (small >= 0) return small;
        int end = text.AsSpan().IndexOfAny('-', ' ');
        int tens = Array.IndexOf(s_tens, end < 0 ? text : text[..end]);
        if (tens < 0) return null;
        if (end < 0) return (tens + 2) * 10;
        int ones = Array.IndexOf(s_small, text[(end + 1)..]);
        return ones is > 0 and < 10 ? ((tens + 2) * 10) + ones : null;
    }
}
