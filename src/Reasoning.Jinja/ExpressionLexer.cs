using System.Globalization;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>The inside of a tag to tokens.</summary>
/// <param name="source">The whole template.</param>
/// <param name="tokens">Where they go.</param>
/// <param name="lineOf">Line of a position.</param>
internal sealed class ExpressionLexer(string source, List<Token> tokens, Func<int, int> lineOf)
{
    private static readonly string[] s_operators =
    [
        "==", "!=", ">=", "<=", "//", "**", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly Stack<char> _open = [];

    /// <summary>Reads up to the end of the tag; an end inside of brackets is none.</summary>
    /// <returns>The position after the end, and the sign before it or a space.</returns>
    public (int End, char Sign) Read(int position, string end)
    {
        int begin = position;
        while (position < source.Length)
        {
            char c = source[position];
            if (_open.Count == 0)
            {
                if (At(position, end)) return (position + 2, ' ');
                if ((c == '-' || (c == '+' && end == "%}")) && At(position + 1, end)) return (position + 3, c);
            }
            if (PythonText.IsSpace(c)) position++;
            else if (char.IsAsciiDigit(c)) position = Number(position);
            else if (c == '_' || char.IsLetter(c)) position = Name(position);
            else if (c is '\'' or '"') position = String(position, c);
            else position = Operator(position);
        }
        throw new TemplateException($"a tag does not end with '{end}'", lineOf(begin));
    }

    private bool At(int position, string text) => string.CompareOrdinal(source, position, text, 0, text.Length) == 0;

    private void Add(TokenKind kind, string text, int position) => tokens.Add(new Token(kind, text, lineOf(position)));

    private int Name(int position)
    {
        int end = position + 1;
        while (end < source.Length && (source[end] == '_' || char.IsLetterOrDigit(source[end]))) end++;
        Add(TokenKind.Name, source[position..end], position);
        return end;
    }

    private int Number(int position)
    {
        int end = position;
        bool afterDot = position > 0 && source[position - 1] == '.';
        if (source[position] == '0' && position + 1 < source.Length && source[position + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
            throw new TemplateException("a number that is not decimal is not supported", lineOf(position));
        Digits();
        bool isFloat = false;
        if (!afterDot && end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
        {
            end++;
            Digits();
            isFloat = true;
        }
        if (!afterDot && end < source.Length && source[end] is 'e' or 'E')
        {
            int digits = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (digits < source.Length && char.IsAsciiDigit(source[digits]))
            {
                end = digits;
                Digits();
                isFloat = true;
            }
        }
        string text = source[position..end].Replace("_", "", StringComparison.Ordinal);
        if (!isFloat && text.Length > 1 && text[0] == '0' && text.AsSpan().ContainsAnyExcept('0'))
            throw new TemplateException("a number begins with 0", lineOf(position));
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, text, position);
        return end;

        void Digits()
        {
            while (end < source.Length
                && (char.IsAsciiDigit(source[end])
                    || (source[end] == '_' && end + 1 < source.Length && char.IsAsciiDigit(source[end + 1])))) end++;
        }
    }

    private int Operator(int position)
    {
        foreach (string text in s_operators)
        {
            if (!At(position, text)) continue;
            if (text is "(" or "[" or "{") _open.Push(text[0]);
            if (text is ")" or "]" or "}") Close(text[0], position);
            Add(TokenKind.Operator, text, position);
            return position + text.Length;
        }
        throw new TemplateException($"the character '{source[position]}' has no place in a tag", lineOf(position));
    }

    private void Close(char closing, int position)
    {
        char opening = closing == ')' ? '(' : closing == ']' ? '[' : '{';
        if (_open.Count == 0 || _open.Pop() != opening) throw new TemplateException($"'{closing}' closes nothing", lineOf(position));
    }

    private int String(int position, char quote)
    {
        int end = position + 1;
        while (end < source.Length && source[end] != quote) end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length) throw new TemplateException("a string does not end", lineOf(position));
        Add(TokenKind.String, Unescape(position + 1, end), position);
        return end + 1;
    }

    /// <summary>Resolves escapes as Python does in its strings; a backslash before any other character stays.</summary>
    private string Unescape(int start, int end)
    {
        if (source.IndexOf('\\', start, end - start) < 0) return source[start..end];
        var text = new StringBuilder(end - start);
        for (int i = start; i < end;)
        {
            char c = source[i++];
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }
            c = source[i++];
            int simple = "\\'\"abfnrtv".IndexOf(c);
            if (simple >= 0) text.Append("\\'\"\a\b\f\n\r\t\v"[simple]);
            else if (c is >= '0' and <= '7') i = Octal(i - 1, end, text);
            else if (c is 'x' or 'u' or 'U') i = Hexadecimal(i, c == 'x' ? 2 : c == 'u' ? 4 : 8, end, text);
            else if (c == 'N') throw new TemplateException("a character by name (\\N) is not supported", lineOf(i));
            else if (c != '\n') text.Append('\\').Append(c);
        }
        return text.ToString();
    }

    private int Octal(int start, int end, StringBuilder text)
    {
        int value = 0, i = start;
        while (i < end && i < start + 3 && source[i] is >= '0' and <= '7') value = (value * 8) + source[i++] - '0';
        text.Append((char)value);
        return i;
    }

    private int Hexadecimal(int start, int digits, int end, StringBuilder text)
    {
        bool isNumber = start + digits <= end
            && uint.TryParse(source.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            && value <= 0x10FFFF;
        if (!isNumber) throw new TemplateException("a string has a truncated \\x, \\u or \\U escape", lineOf(start));
        int code = int.Parse(source.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (code <= char.MaxValue) text.Append((char)code);
        else text.Append(char.ConvertFromUtf32(code));
        return start + digits;
    }
}
