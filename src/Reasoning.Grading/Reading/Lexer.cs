using System.Text;
using System.Text.RegularExpressions;
using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Reading;

/// <summary>
/// Splits an answer without layout into tokens. Dollar signs around math vanish; digit groups become one number where they can be nothing
/// else: three digits each, outside brackets, where a comma could separate items.
/// </summary>
internal sealed partial class Lexer
{
    private const int EnoughDigits = 10;

    private readonly string _text;
    private readonly bool _loneDollar;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _brackets;
    private bool _space;
    private bool _inText;

    private Lexer(string text)
    {
        _text = text;
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
        if (c is ' ' or Layout.ThinSpace or Layout.NoSpace)
        {
            _space |= c != Layout.NoSpace;
            _at++;
            return true;
        }
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]))) return Number();
        if (char.IsLetter(c)) return Word();
        if (c == '\\') return Command();
        _at++;
        char next = _at < _text.Length ? _text[_at] : '\0';
        switch (c)
        {
            case '}' when _inText:
                _inText = false;
                _space = true;
                return true;
            case '.' when _tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Word && !char.IsLetterOrDigit(next): // sq. ft.
                return true;
            case '-' when _inText || (char.IsLetter(next) && _tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Word):
                _space = true;
                return char.IsLetter(next) || Add(TokenKind.Symbol, "-"); // twenty-one
            case '$':
                if (_loneDollar && (char.IsAsciiDigit(next) || next is '.' or '-')) Add(TokenKind.Symbol, "$");
                return true;
            case '(' or '[':
                _brackets++;
                return Add(TokenKind.Symbol, c.ToString());
            case ')' or ']':
                _brackets--;
                return Add(TokenKind.Symbol, c.ToString());
            case '<' or '>' or '!' when next == '=' && !(c == '!' && !_space && _tokens.Count > 0 && (_tokens[^1].Kind == TokenKind.Number || _tokens[^1].Is(")"))): // 5!=120
                _at++;
                return Add(TokenKind.Symbol, c == '<' ? "≤" : c == '>' ? "≥" : "≠");
            case '*' when next == '*':
                _at++;
                return Add(TokenKind.Symbol, "^");
            case '{' when next == ',' && _at + 1 < _text.Length && _text[_at + 1] == '}':
                _at += 2;
                return Add(TokenKind.Symbol, ",");
            case '\'':
                if (_tokens.Count == 0 || _tokens[^1].Kind != TokenKind.Name) return false;
                _tokens[^1] = _tokens[^1] with { Text = _tokens[^1].Text + "'" };
                return true;
            case '¢' or '°':
                return Add(TokenKind.Word, c.ToString());
            case '+' or '-' or '*' or '/' or '^' or '_' or '!' or '=' or '<' or '>' or ',' or ';' or ':' or '|' or '{' or '}' or '%' or '&':
                return Add(TokenKind.Symbol, c.ToString());
            default:
                return false;
        }
    }

    private bool Add(TokenKind kind, string text)
    {
        _tokens.Add(new Token(kind, text, _space, _inText));
        _space = false;
        return true;
    }

    private bool Number()
    {
        var digits = new StringBuilder();
        int start = _at;
        TakeDigits(digits);
        if (digits.Length is > 0 and <= 3 && digits[0] != '0') TakeGroups(digits, start);
        if (_at < _text.Length && _text[_at] == '.' && !(_at + 1 < _text.Length && _text[_at + 1] == '.'))
        {
            _at++;
            int whole = digits.Length;
            digits.Append('.');
            TakeDigits(digits);
            if (!TakeRepetend(digits, whole)) return false;
            if (digits[^1] == '.') digits.Length--;
        }
        if (_at < _text.Length && _text[_at] == '.') return false;
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

    /// <summary>0.1\overline{6}, 0.1\dot6, 0.1(6), 0.1666…: the digits that repeat are kept in parentheses.</summary>
    private bool TakeRepetend(StringBuilder digits, int whole)
    {
        if (_at == _text.Length || _text[_at] is not ('\\' or '(' or '.' or ' ')) return true;
        Match mark = Repetend().Match(_text, _at);
        if (mark.Success)
        {
            digits.Append('(').Append(mark.Groups["digits"].Value).Append(mark.Groups["middle"].Value).Append(mark.Groups["last"].Value).Append(')');
            _at += mark.Length;
            return true;
        }
        Match dots = Dots().Match(_text, _at);
        if (!dots.Success) return true;
        _at += dots.Length;
        string decimals = digits.ToString(whole + 1, digits.Length - whole - 1);
        for (int period = 1; period * 2 <= decimals.Length; period++)
        {
            int repeats = 1;
            while ((repeats + 1) * period <= decimals.Length
                && decimals.AsSpan(decimals.Length - ((repeats + 1) * period), period).SequenceEqual(decimals.AsSpan(decimals.Length - period)))
            {
                repeats++;
            }
            if (repeats < 2 || repeats * period * 2 < decimals.Length) continue;
            digits.Length -= repeats * period;
            digits.Append('(').Append(decimals, decimals.Length - period, period).Append(')');
            return true;
        }
        return decimals.Length >= EnoughDigits;
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

    // ",", a space, or a separator that only typesets digit groups: "{,}", a thin space, ",\!".
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
        if (at >= _text.Length) return false;
        length = _text[at] == ',' && at + 1 < _text.Length && _text[at + 1] == Layout.NoSpace ? 2 : 1;
        isTypeset = length == 2 || _text[at] is Layout.ThinSpace or Layout.NoSpace;
        while (isTypeset && at + length < _text.Length && _text[at + length] is ' ' or Layout.ThinSpace) length++;
        return isTypeset || _text[at] is ',' or ' ';
    }

    private bool Word()
    {
        int start = _at;
        bool isAscii = char.IsAsciiLetter(_text[_at]);
        while (_at < _text.Length && char.IsLetter(_text[_at]) && (char.IsAsciiLetter(_text[_at]) == isAscii || _inText)) _at++;
        string word = _text[start.._at];
        if (!isAscii) return Add(TokenKind.Word, word);
        if (word.Length == 1) return Add(TokenKind.Name, word);
        if (Commands.Words.TryGetValue(word, out string? symbol)) return Add(symbol is "π" or "∞" ? TokenKind.Name : TokenKind.Symbol, symbol);
        return Add(Commands.Functions.Contains(word) ? TokenKind.Function : TokenKind.Word, word);
    }

    private bool Command()
    {
        int start = ++_at;
        if (start == _text.Length) return false;
        if (_text[start] == '\\')
        {
            _at++;
            return Add(TokenKind.Symbol, "\\\\");
        }
        while (_at < _text.Length && char.IsAsciiLetter(_text[_at])) _at++;
        if (_at == start) _at++;
        string name = _text[start.._at];
        if (name == "text" && _at < _text.Length && _text[_at] == '{')
        {
            _at++;
            return _inText = true;
        }
        if (Commands.Symbols.TryGetValue(name, out string? symbol))
        {
            if (symbol is "⦃" or "(") _brackets++;
            if (symbol is "⦄" or ")") _brackets--;
            return Add(TokenKind.Symbol, symbol);
        }
        if (Commands.Names.TryGetValue(name, out string? key)) return Add(TokenKind.Name, key);
        if (Commands.Functions.Contains(name)) return Add(TokenKind.Function, name);
        if (Commands.Figures.Contains(name)) return Figure();
        if (name == "Pr")
        {
            _tokens.Add(new Token(TokenKind.Word, name, _space, InText: true));
            return true;
        }
        if (name is "mathbb" or "Bbb") return Argument() is { } set && Set(set.Trim());
        if (Commands.Accents.Contains(name)) return Argument() is { } mark && Add(TokenKind.Name, $"{name}⟨{mark.Trim()}⟩");
        if (name is "begin" or "end") return Environment(name);
        return Add(TokenKind.Unknown, name);
    }

    // ℤ, ℤ⁺, ℕ*, ℤ_{≥0}
    private bool Set(string letter)
    {
        Match part = PartOfSet().Match(_text, _at);
        _at += part.Length;
        bool isFromZero = part.Groups["zero"].Success;
        return Add(TokenKind.Name, letter == "R" && !part.Success ? "ℝ" : $"mathbb⟨{(isFromZero && letter == "Z" ? "N" : letter)}⟩{(part.Success && !isFromZero ? "+" : "")}");
    }

    // \angle ABC: the sign and the letters are one name.
    private bool Figure()
    {
        while (_at < _text.Length && _text[_at] == ' ') _at++;
        bool isGroup = _at < _text.Length && _text[_at] == '{';
        if (isGroup) _at++;
        int start = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at])) _at++;
        string letters = _text[start.._at];
        if (isGroup && (_at == _text.Length || _text[_at++] != '}')) return false;
        // m∠A is the measure of it.
        if (_tokens is [.., { Kind: TokenKind.Name, Text: "m" }]) _tokens.RemoveAt(_tokens.Count - 1);
        return letters.Length > 0 && Add(TokenKind.Name, "∠" + letters);
    }

    private bool Environment(string name)
    {
        string? environment = Argument();
        if (environment is null || !environment.TrimEnd('*').EndsWith("matrix", StringComparison.Ordinal)) return false;
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

    [GeneratedRegex(@"\G(?:\\(?:overline|bar|overbar)\s*(?:\{\s*(?<digits>\d+)\s*\}|(?<digits>\d))|\\dot\s*\{?(?<digits>\d)\}?(?:(?<middle>\d*)\\dot\s*\{?(?<last>\d)\}?)?|\((?<digits>\d+)\)(?=\s*(?:$|[,;)\]}=%])))(?:\s*(?:\\[lc]?dots|\.{3}))?")]
    private static partial Regex Repetend();

    [GeneratedRegex(@"\G\s*[\^_]\s*(?:[+*]|\{\s*(?:[+*]|>\s*0|(?<zero>\\geq?\s*0))\s*\})")]
    private static partial Regex PartOfSet();

    [GeneratedRegex(@"\G\s*(?:\\[lc]?dots[cb]?|\.{3,})\s*")]
    private static partial Regex Dots();
}
