using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// Rewrites a pattern from the dialect of tokenizer.json (Oniguruma, Ruby syntax) to that of .NET, for the subset where both can agree.
/// What differs is rewritten: <c>\w</c>, <c>{,n}</c>, possessive quantifiers, and the long s under <c>(?i:)</c>. What cannot be kept is
/// refused: set operations and POSIX brackets in classes, and characters beyond U+FFFF, which .NET would see as two.
/// </summary>
internal sealed class RegexTranslator
{
    // In a class; outside of one, the numbers of Latin-1 belong to it, too.
    private const string WordClass = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";
    private const string Word = WordClass + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    private const int MaxDepth = 32;

    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private readonly Stack<(int Start, bool IgnoreCase)> _groups = new();
    private int _position;
    private int _atomStart;
    private bool _ignoreCase;

    private RegexTranslator(string pattern) => _pattern = pattern;

    /// <summary>The pattern in the .NET dialect.</summary>
    /// <exception cref="NotSupportedException">The pattern uses something that has no equal; the message says what.</exception>
    public static string Translate(string pattern) => new RegexTranslator(pattern).Run();

    private string Run()
    {
        while (_position < _pattern.Length)
        {
            char c = _pattern[_position];
            if (char.IsSurrogate(c)) throw new NotSupportedException("a character beyond U+FFFF");
            switch (c)
            {
                case '\\': Escape(); break;
                case '[': Class(); break;
                case '(': OpenGroup(); break;
                case ')': CloseGroup(); break;
                case '*' or '+' or '?' or '{': Quantifier(); break;
                default: Literal(c); break;
            }
        }
        return _output.ToString();
    }

    private void Literal(char c)
    {
        _atomStart = _output.Length;
        if (_ignoreCase && c is 's' or 'S') _output.Append("[sS\u017F]");
        else _output.Append(c);
        _position++;
    }

    private void Escape()
    {
        if (_position + 1 >= _pattern.Length) throw new NotSupportedException("a backslash at the end");
        _atomStart = _output.Length;
        char c = _pattern[_position + 1];
        switch (c)
        {
            case 'w': Append($"[{Word}]", 2); break;
            case 'W': Append($"[^{Word}]", 2); break;
            case 'p' or 'P':
                int end = _pattern.IndexOf('}', _position);
                if (end < 0) throw new NotSupportedException("an unclosed property");
                string property = _pattern[_position..(end + 1)];
                if (property.Contains('^')) throw new NotSupportedException($"the property {property}");
                Append(property, property.Length);
                break;
            default: Append(SimpleEscape(), 0); break;
        }
    }

    private void Class()
    {
        _atomStart = _output.Length;
        _output.Append('[');
        _position++;
        if (Peek() == '^') Append("^", 1);
        if (Peek() == ']') throw new NotSupportedException("an empty class");
        while (Peek() is { } c && c != ']')
        {
            if (char.IsSurrogate(c)) throw new NotSupportedException("a character beyond U+FFFF");
            if (c == '[') throw new NotSupportedException("a class within a class");
            if (c == '&' && _position + 1 < _pattern.Length && _pattern[_position + 1] == '&')
                throw new NotSupportedException("&& in a class");
            if (c == '\\') ClassEscape();
            else Append(c.ToString(), 1);
        }
        if (_position >= _pattern.Length) throw new NotSupportedException("an unclosed class");
        Append("]", 1);
    }

    private void ClassEscape()
    {
        if (_position + 1 >= _pattern.Length) throw new NotSupportedException("an unclosed class");
        char c = _pattern[_position + 1];
        if (c == 'w') Append(WordClass, 2);
        else if (c == 'W') throw new NotSupportedException("\\W in a class");
        else if (c is 'p' or 'P') Append(_pattern.Substring(_position, 2), 2);
        else Append(SimpleEscape(), 0);
    }

    // Consumes an escape that means the same in both dialects.
    private string SimpleEscape()
    {
        char c = _pattern[_position + 1];
        int length = c switch
        {
            'x' => 4,
            'u' => 6,
            'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e' or 's' or 'S' or 'd' or 'D' or 'A' or 'z' or 'Z' => 2,
            _ when char.IsAsciiLetterOrDigit(c) || char.IsSurrogate(c) => throw new NotSupportedException($"\\{c}"),
            _ => 2,
        };
        if (_position + length > _pattern.Length) throw new NotSupportedException($"\\{c} at the end");
        string escape = _pattern.Substring(_position, length);
        _position += length;
        return escape;
    }

    private void OpenGroup()
    {
        _groups.Push((_output.Length, _ignoreCase));
        if (_groups.Count > MaxDepth) throw new NotSupportedException($"groups nested more than {MaxDepth} deep");
        ReadOnlySpan<char> rest = _pattern.AsSpan(_position);
        if (!rest.StartsWith("(?"))
        {
            Append("(?:", 1);
            return;
        }
        foreach (string opening in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?i)"])
        {
            if (!rest.StartsWith(opening)) continue;
            if (opening == "(?i:") _ignoreCase = true;
            if (opening == "(?i)")
            {
                _groups.Pop();
                _ignoreCase = true;
            }
            Append(opening, opening.Length);
            return;
        }
        throw new NotSupportedException($"the group {rest[..Math.Min(4, rest.Length)]}");
    }

    private void CloseGroup()
    {
        if (_groups.Count == 0) throw new NotSupportedException("a closing parenthesis without an opening one");
        (_atomStart, _ignoreCase) = _groups.Pop();
        Append(")", 1);
    }

    // After ?, * and + a further plus makes the quantifier possessive, which .NET writes as an atomic group; after {n,m} it repeats.
    private void Quantifier()
    {
        char c = _pattern[_position];
        if (c == '{')
        {
            int end = _pattern.IndexOf('}', _position);
            bool isCount = end > _position + 1 && _pattern[_position..end] != "{,"
                && IsCount(_pattern.AsSpan(_position + 1, end - _position - 1));
            if (!isCount)
            {
                Literal(c);
                return;
            }
            string count = _pattern[_position..(end + 1)];
            Append(count.StartsWith("{,", StringComparison.Ordinal) ? $"{{0{count.AsSpan(1)}" : count, count.Length);
            if (Peek() is '+' or '*') _output.Insert(_atomStart, "(?:").Append(')');
            return;
        }
        Append(c.ToString(), 1);
        if (Peek() != '+') return;
        _output.Insert(_atomStart, "(?>").Append(')');
        _position++;
    }

    private static bool IsCount(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c) && c != ',') return false;
        }
        return true;
    }

    private char? Peek() => _position < _pattern.Length ? _pattern[_position] : null;

    private void Append(string text, int consumed)
    {
        _output.Append(text);
        _position += consumed;
    }
}
