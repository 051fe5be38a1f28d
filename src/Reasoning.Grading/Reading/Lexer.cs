using System.Text;
using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Reading;

/// <summary>
/// Splits an answer into tokens. Formatting commands and dollar signs around math vanish; digit groups become one number where they can be
/// nothing else: three digits each, outside brackets, where a comma could separate items.
/// </summary>
internal sealed class Lexer
{
    private readonly string _text;
    private readonly bool _hasRows;
    private readonly bool _loneDollar;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _brackets;
    private bool _space;

    private Lexer(string text)
    {
        _text = text;
        _hasRows = text.Contains("\\begin{", StringComparison.Ordinal);
        _loneDollar = (CountDollars(text) & 1) == 1;
    }

    /// <summary>The tokens of a folded text, or null when it holds something unknown or the budget is spent.</summary>
    public static List<Token>? Read(string text, Budget budget)
    {
        var lexer = new Lexer(text);
        while (lexer._at < text.Length)
        {
            if (!budget.Spend(1) || !lexer.Next()) return null;
        }
        return lexer._tokens;
    }

    private bool Next()
    {
        char c = _text[_at];
        if (c is ' ' or '~')
        {
            _space = true;
            _at++;
            return true;
        }
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]))) return Number();
        if (char.IsAsciiLetter(c)) return Word();
        if (c == '\\') return Command();
        _at++;
        switch (c)
        {
            case '$':
                if (_loneDollar && _at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] is '.' or '-')) Add(TokenKind.Symbol, "$");
                return true;
            case '(' or '[':
                _brackets++;
                return Add(TokenKind.Symbol, c.ToString());
            case ')' or ']':
                _brackets--;
                return Add(TokenKind.Symbol, c.ToString());
            case '<' or '>' or '!' when _at < _text.Length && _text[_at] == '=':
                _at++;
                return Add(TokenKind.Symbol, c == '<' ? "≤" : c == '>' ? "≥" : "≠");
            case '*' when _at < _text.Length && _text[_at] == '*':
                _at++;
                return Add(TokenKind.Symbol, "^");
            case '{' when _at + 1 < _text.Length && _text[_at] == ',' && _text[_at + 1] == '}':
                _at += 2;
                return Add(TokenKind.Symbol, ",");
            case '\'':
                if (_tokens.Count == 0 || _tokens[^1].Kind != TokenKind.Name) return false;
                _tokens[^1] = _tokens[^1] with { Text = _tokens[^1].Text + "'" };
                return true;
            case '+' or '-' or '*' or '/' or '^' or '_' or '!' or '=' or '<' or '>' or ',' or ';' or ':' or '|' or '{' or '}' or '%' or '&':
                return Add(TokenKind.Symbol, c.ToString());
            default:
                return false;
        }
    }

    private bool Add(TokenKind kind, string text)
    {
        _tokens.Add(new Token(kind, text, _space));
        _space = false;
        return true;
    }

    private bool Number()
    {
        var digits = new StringBuilder();
        int start = _at;
        TakeDigits(digits);
        if (digits.Length is > 0 and <= 3 && digits[0] != '0') TakeGroups(digits, start);
        if (_at < _text.Length && _text[_at] == '.')
        {
            bool fraction = _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]);
            bool dots = _at + 1 < _text.Length && _text[_at + 1] == '.';
            if (dots) return false;
            _at++;
            if (fraction)
            {
                digits.Append('.');
                TakeDigits(digits);
            }
            TakeRepetend(digits);
        }
        if (_at + 1 < _text.Length && _text[_at] is 'e' or 'E')
        {
            int exponent = _at + 1;
            if (_text[exponent] is '+' or '-') exponent++;
            int end = exponent;
            while (end < _text.Length && char.IsAsciiDigit(_text[end])) end++;
            if (end > exponent && (end == _text.Length || !char.IsAsciiLetter(_text[end])))
            {
                digits.Append('e').Append(_text, _at + 1, end - _at - 1);
                _at = end;
            }
        }
        return Add(TokenKind.Number, digits.ToString());
    }

    private void TakeDigits(StringBuilder digits)
    {
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) digits.Append(_text[_at++]);
    }

    // 0.1\overline{6}: the digits that repeat are kept in parentheses.
    private void TakeRepetend(StringBuilder digits)
    {
        const string Mark = "\\overline{";
        if (string.CompareOrdinal(_text, _at, Mark, 0, Mark.Length) != 0) return;
        int first = _at + Mark.Length, end = first;
        while (end < _text.Length && char.IsAsciiDigit(_text[end])) end++;
        if (end == first || end == _text.Length || _text[end] != '}') return;
        digits.Append(digits.ToString().Contains('.', StringComparison.Ordinal) ? "(" : ".(").Append(_text, first, end - first).Append(')');
        _at = end + 1;
    }

    private void TakeGroups(StringBuilder digits, int start)
    {
        int end = _at, groups = 0;
        bool typeset = true, plain = true;
        var more = new StringBuilder();
        while (GroupSeparator(end, out int length, out bool isTypeset))
        {
            int first = end + length, next = first;
            while (next < _text.Length && char.IsAsciiDigit(_text[next])) next++;
            if (next - first != 3)
            {
                // 1,234,5 is a list throughout; a typeset separator that starts no group is left to the caller.
                if (!isTypeset && next > first) return;
                break;
            }
            more.Append(_text, first, 3);
            typeset &= isTypeset;
            plain &= !isTypeset;
            end = next;
            groups++;
        }
        bool isPart = start > 0 && char.IsAsciiLetterOrDigit(_text[start - 1]);
        if (groups == 0 || isPart || (!typeset && (_brackets > 0 || !plain))) return;
        digits.Append(more);
        _at = end;
    }

    // ",", a space, or a separator that only typesets digit groups: "{,}", "\!", "\,", ",\!".
    private bool GroupSeparator(int at, out int length, out bool isTypeset)
    {
        length = 0;
        isTypeset = true;
        // A pair of braces shows that the comma groups digits, however it is spaced.
        int open = at;
        while (open < _text.Length && _text[open] == ' ') open++;
        if (string.CompareOrdinal(_text, open, "{,", 0, 2) == 0)
        {
            int close = open + 2;
            while (close < _text.Length && _text[close] == ' ') close++;
            length = close + 1 - at;
            if (close < _text.Length && _text[close] == '}') return true;
        }
        foreach (string separator in (ReadOnlySpan<string>)[",\\!", "\\!", "\\,", ",", " "])
        {
            if (string.CompareOrdinal(_text, at, separator, 0, separator.Length) != 0) continue;
            length = separator.Length;
            isTypeset = separator is not ("," or " ");
            while (isTypeset && at + length < _text.Length && _text[at + length] == ' ') length++;
            return true;
        }
        return false;
    }

    private bool Word()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiLetter(_text[_at])) _at++;
        string word = _text[start.._at];
        if (word.Length == 1) return Add(TokenKind.Name, word);
        if (Commands.Words.TryGetValue(word, out string? symbol)) return Add(TokenKind.Symbol, symbol);
        if (Commands.Functions.Contains(word)) return Add(TokenKind.Function, word);
        return word switch
        {
            "pi" => Add(TokenKind.Name, "π"),
            "inf" or "infinity" or "oo" => Add(TokenKind.Name, "∞"),
            _ => Add(TokenKind.Word, word),
        };
    }

    private bool Command()
    {
        int start = ++_at;
        if (start == _text.Length) return false;
        if (_text[start] == '\\')
        {
            bool isRow = _hasRows || start + 1 == _text.Length || !char.IsAsciiLetter(_text[start + 1]);
            if (!isRow) return true;
            _at++;
            return Add(TokenKind.Symbol, "\\\\");
        }
        while (_at < _text.Length && char.IsAsciiLetter(_text[_at])) _at++;
        if (_at == start) _at++;
        string name = _text[start.._at];
        if (Commands.Ignored.Contains(name))
        {
            if (name is "quad" or "qquad" or " ") _space = true;
            bool isNextBox = name is "boxed" or "fbox" && _tokens.Count > 0 && _tokens[^1].Is("}");
            return !isNextBox || Add(TokenKind.Symbol, ",");
        }
        if (Commands.Symbols.TryGetValue(name, out string? symbol))
        {
            if (symbol is "⦃" or "(") _brackets++;
            if (symbol is "⦄" or ")") _brackets--;
            return Add(TokenKind.Symbol, symbol);
        }
        if (Commands.Names.TryGetValue(name, out string? key)) return Add(TokenKind.Name, key);
        if (Commands.Functions.Contains(name)) return Add(TokenKind.Function, name);
        if (Commands.TextLike.Contains(name)) return Argument() is { } text && TextToken(text.Trim());
        if (Commands.Accents.Contains(name)) return Argument() is { } mark && Add(TokenKind.Name, $"{name}⟨{mark.Trim()}⟩");
        if (name == "mathbb") return Argument() is { } set && Add(TokenKind.Name, set.Trim() == "R" ? "ℝ" : $"mathbb⟨{set.Trim()}⟩");
        if (name is "begin" or "end") return Environment(name);
        // "\quadx": a spacing command run together with the symbol behind it.
        if (name.StartsWith("quad", StringComparison.Ordinal) || name.StartsWith("qquad", StringComparison.Ordinal))
        {
            _at = start + name.IndexOf('d', StringComparison.Ordinal) + 1;
            _space = true;
            return true;
        }
        return Add(TokenKind.Unknown, name);
    }

    private bool TextToken(string text)
    {
        if (text.Length == 0) return true;
        if (Commands.Words.TryGetValue(text.Trim(',', ' '), out string? symbol)) return Add(TokenKind.Symbol, symbol);
        // 5\text{ m} is five metres; elsewhere a letter is a symbol or names a choice.
        bool isUnit = text.Length == 1 && _tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Number && Units.IsLetter(text[0]);
        if (!isUnit && text.Length == 1 && char.IsAsciiLetter(text[0])) return Add(TokenKind.Name, text);
        if (Commands.Functions.Contains(text)) return Add(TokenKind.Function, text);
        return Add(TokenKind.Text, text);
    }

    private bool Environment(string name)
    {
        string? environment = Argument();
        if (environment is null || !environment.EndsWith("matrix", StringComparison.Ordinal)) return false;
        _brackets += name == "begin" ? 1 : -1;
        // Bars instead of brackets: the determinant.
        return Add(TokenKind.Symbol, name == "begin" && environment == "vmatrix" ? "det" : name);
    }

    private string? Argument()
    {
        while (_at < _text.Length && _text[_at] == ' ') _at++;
        if (_at == _text.Length) return null;
        if (_text[_at] != '{') return _text[_at++].ToString();
        int end = Braces.End(_text, _at);
        if (end < 0) return null;
        string content = _text[(_at + 1)..(end - 1)];
        _at = end;
        return content;
    }

    private static int CountDollars(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '$' && (i == 0 || text[i - 1] != '\\')) count++;
        }
        return count;
    }
}
