namespace Reasoning.Jinja;

/// <summary>Strings as sequences of code points, the unit in which Python counts.</summary>
internal static class CodePoints
{
    /// <summary>Number of code points; half of a surrogate pair on its own is one.</summary>
    public static int Count(string text)
    {
        int pairs = 0;
        for (int i = 1; i < text.Length; i++)
        {
            if (!char.IsSurrogatePair(text[i - 1], text[i])) continue;
            pairs++;
            i++;
        }
        return text.Length - pairs;
    }

    /// <summary>The code points as strings.</summary>
    public static IEnumerable<string> Of(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            yield return text.Substring(i, length);
            i += length;
        }
    }

    /// <summary>Position in code points of a position in UTF-16 units.</summary>
    public static int Position(string text, int index) => index < 0 ? index : Count(text[..index]);

    /// <summary>Order by code points, which for characters beyond the first plane is not the order of UTF-16 units.</summary>
    public static int Compare(string left, string right)
    {
        int shared = Math.Min(left.Length, right.Length);
        for (int i = 0; i < shared; i++)
        {
            if (left[i] == right[i]) continue;
            bool isHigh = char.IsSurrogate(left[i]), isHighToo = char.IsSurrogate(right[i]);
            return isHigh == isHighToo ? left[i].CompareTo(right[i]) : isHigh ? 1 : -1;
        }
        return left.Length.CompareTo(right.Length);
    }
}
