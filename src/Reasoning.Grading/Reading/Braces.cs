namespace Reasoning.Grading.Reading;

/// <summary>Matches LaTeX braces; escaped ones do not count.</summary>
internal static class Braces
{
    /// <summary>The position after the brace that closes the one at <paramref name="open"/>, or −1 when nothing closes it.</summary>
    public static int End(string text, int open)
    {
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    return i + 1;
            }
        }
        return -1;
    }
}
