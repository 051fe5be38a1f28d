namespace Reasoning.Grading.Reading;

/// <summary>Takes off what surrounds a whole answer: math delimiters, \text{…}, \boxed{…}, quotes, a closing full stop.</summary>
internal static class Wrappers
{
    private static readonly string[] s_commands =
        ["\\text", "\\textbf", "\\textit", "\\textrm", "\\mathrm", "\\mathbf", "\\mbox", "\\boxed", "\\fbox", "\\displaystyle"];
    private static readonly (string Open, string Close)[] s_pairs = [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\"", "\"")];
    private static readonly string[] s_prefixes = ["option ", "choice ", "answer:", "answer "];

    public static string Strip(string text)
    {
        while (true)
        {
            string stripped = StripOnce(text);
            if (stripped.Length == text.Length) return text;
            text = stripped;
        }
    }

    private static string StripOnce(string text)
    {
        text = text.Trim();
        if (text.Length == 0) return text;
        if (text[^1] is '.' or ',' or ';' or ':' && !text.EndsWith("..", StringComparison.Ordinal)) return text[..^1];
        if (text[0] == '{' && Braces.End(text, 0) == text.Length) return text[1..^1];
        // "C)" names a choice; "(C)" reads as C by itself.
        if (text.Length == 2 && char.IsAsciiLetter(text[0]) && text[1] == ')') return text[..1];
        foreach ((string open, string close) in s_pairs)
        {
            if (text.Length >= open.Length + close.Length
                && text.StartsWith(open, StringComparison.Ordinal) && text.EndsWith(close, StringComparison.Ordinal)
                && !text.AsSpan(open.Length, text.Length - open.Length - close.Length).Contains(open, StringComparison.Ordinal)
                && !text.EndsWith("\\" + close, StringComparison.Ordinal))
            {
                return text[open.Length..^close.Length];
            }
        }
        foreach (string prefix in s_prefixes)
        {
            if (text.Length > prefix.Length && text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return text[prefix.Length..];
        }
        return StripCommand(text);
    }

    private static string StripCommand(string text)
    {
        if (text[0] != '\\') return text;
        foreach (string command in s_commands)
        {
            if (!text.StartsWith(command, StringComparison.Ordinal)) continue;
            int open = command.Length;
            while (open < text.Length && text[open] == ' ') open++;
            if (open < text.Length && text[open] == '{' && Braces.End(text, open) == text.Length) return text[(open + 1)..^1];
        }
        return text;
    }
}
