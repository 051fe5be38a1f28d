namespace Reasoning.Jinja;

/// <summary>
/// Template source to tokens, with the white space rules that transformers chooses: <c>trim_blocks</c> (the line end after a statement or
/// comment goes) and <c>lstrip_blocks</c> (white space between line start and statement or comment goes). A minus sign in a tag removes all
/// white space on its side, a plus sign keeps what the rules would remove.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly List<int> _lineStarts = [0];

    private Lexer(string source)
    {
        _source = source;
        for (int end = source.IndexOf('\n'); end >= 0; end = source.IndexOf('\n', end + 1)) _lineStarts.Add(end + 1);
    }

    /// <summary>The tokens of a template; the last is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateException">A tag or string does not end, or a character has no place in a tag.</exception>
    public static List<Token> Read(string source)
    {
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(text.EndsWith('\n') ? text[..^1] : text);
        for (int position = 0; position < lexer._source.Length;) position = lexer.Next(position);
        lexer._tokens.Add(new Token(TokenKind.End, "", lexer.Line(lexer._source.Length)));
        return lexer._tokens;
    }

    /// <summary>Reads the data at a position and the tag after it.</summary>
    /// <returns>Where reading goes on.</returns>
    private int Next(int position)
    {
        int tag = NextTag(position);
        if (tag < 0)
        {
            AddData(_source[position..], position);
            return _source.Length;
        }
        char sign = Sign(tag);
        char kind = _source[tag + 1];
        AddData(Before(position, tag, sign, isOutput: kind == '{'), position);
        int content = tag + (sign == ' ' ? 2 : 3);
        return kind switch
        {
            '#' => Comment(tag, content),
            '{' => Output(tag, content),
            _ when RawBegin(content) is { } raw => Raw(tag, raw),
            _ => Statement(tag, content),
        };
    }

    private int NextTag(int from)
    {
        for (int brace = _source.IndexOf('{', from); brace >= 0; brace = _source.IndexOf('{', brace + 1))
        {
            if (brace + 1 < _source.Length && _source[brace + 1] is '{' or '%' or '#') return brace;
        }
        return -1;
    }

    private char Sign(int tag) => tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : ' ';

    /// <summary>The data before a tag, without what the tag removes.</summary>
    private string Before(int start, int tag, char sign, bool isOutput)
    {
        string data = _source[start..tag];
        if (sign == '-') return PythonText.TrimEnd(data);
        if (sign == '+' || isOutput) return data;
        int line = data.LastIndexOf('\n') + 1;
        bool beginsLine = line > 0 || start == 0 || _source[start - 1] == '\n';
        return beginsLine && data.AsSpan(line).Trim(PythonText.Spaces).IsEmpty ? data[..line] : data;
    }

    private int Comment(int tag, int content)
    {
        int end = _source.IndexOf("#}", content, StringComparison.Ordinal);
        if (end < 0) throw new TemplateException("a comment does not end", Line(tag));
        return After(end + 2, end > content ? _source[end - 1] : ' ');
    }

    private int Output(int tag, int content)
    {
        _tokens.Add(new Token(TokenKind.OutputBegin, "", Line(tag)));
        (int end, char sign) = new ExpressionLexer(_source, _tokens, Line).Read(content, "}}");
        _tokens.Add(new Token(TokenKind.OutputEnd, "", Line(end)));
        return sign == '-' ? SkipSpace(end) : end;
    }

    private int Statement(int tag, int content)
    {
        _tokens.Add(new Token(TokenKind.StatementBegin, "", Line(tag)));
        (int end, char sign) = new ExpressionLexer(_source, _tokens, Line).Read(content, "%}");
        _tokens.Add(new Token(TokenKind.StatementEnd, "", Line(end)));
        return After(end, sign);
    }

    /// <summary>Where the text after a raw tag begins; null where the tag is another.</summary>
    private int? RawBegin(int content)
    {
        int position = SkipSpace(content);
        if (!At(position, "raw")) return null;
        position = SkipSpace(position + 3);
        if (At(position, "-%}")) return SkipSpace(position + 3);
        return At(position, "%}") ? position + 2 : null;
    }

    private int Raw(int tag, int begin)
    {
        for (int end = _source.IndexOf("{%", begin, StringComparison.Ordinal); end >= 0;
            end = _source.IndexOf("{%", end + 1, StringComparison.Ordinal))
        {
            char sign = Sign(end);
            int name = SkipSpace(end + (sign == ' ' ? 2 : 3));
            if (!At(name, "endraw")) continue;
            int close = SkipSpace(name + 6);
            char closing = At(close, "-%}") ? '-' : At(close, "+%}") ? '+' : ' ';
            if (closing == ' ' && !At(close, "%}")) continue;
            AddData(Before(begin, end, sign, isOutput: false), begin);
            return After(close + (closing == ' ' ? 2 : 3), closing);
        }
        throw new TemplateException("a raw block does not end", Line(tag));
    }

    /// <summary>Where reading goes on after a statement or comment.</summary>
    private int After(int end, char sign) => sign switch
    {
        '-' => SkipSpace(end),
        '+' => end,
        _ => At(end, "\n") ? end + 1 : end,
    };

    private bool At(int position, string text) => string.CompareOrdinal(_source, position, text, 0, text.Length) == 0;

    private int SkipSpace(int position)
    {
        while (position < _source.Length && PythonText.IsSpace(_source[position])) position++;
        return position;
    }

    private void AddData(string data, int position)
    {
        if (data.Length > 0) _tokens.Add(new Token(TokenKind.Data, data, Line(position)));
    }

    private int Line(int position)
    {
        int index = _lineStarts.BinarySearch(position);
        return index >= 0 ? index + 1 : ~index;
    }
}
