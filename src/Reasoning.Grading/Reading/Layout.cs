using System.Collections.Frozen;
using System.Text;

namespace Reasoning.Grading.Reading;

/// <summary>
/// Takes off what TeX, amsmath and xcolor use for space, size, weight, colour and alignment. What is left: formulas, and words as
/// <c>\text{…}</c> without anything nested inside.
/// </summary>
internal sealed class Layout
{
    /// <summary>A thin space: between digits it groups them, elsewhere it is a space.</summary>
    public const char ThinSpace = '\u2009';

    /// <summary>A space of negative width (\!): between digits it groups them, elsewhere it is nothing.</summary>
    public const char NoSpace = '\u200A';

    private const char LineBreak = '\u2028';

    /// <summary>
    /// Commands by what happens to them: each argument is dropped (-), kept (+), kept as words (t), kept as a part of the answer (#), or a
    /// TeX length (d); "." for a command without argument, "_" for one that is a space.
    /// </summary>
    public static readonly FrozenDictionary<string, string> Commands = Table(
        (".", """
            displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits left right middle big Big bigg Bigg bigl bigr
            bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm bf it rm sf tt sl sc em cal mit bfseries mdseries itshape slshape scshape
            upshape rmfamily sffamily ttfamily normalfont boldmath unboldmath normalcolor selectfont tiny scriptsize footnotesize small
            normalsize large Large LARGE huge Huge strut mathstrut null relax centering raggedright raggedleft noindent indent nonumber notag
            allowbreak nobreak hline hfil hfill hss vfil vfill dotfill hrulefill linebreak pagebreak smallskip medskip bigskip par leavevmode
            ignorespaces protect therefore because qed blacksquare
            """),
        ("_", "quad qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace negthickspace space nobreakspace"),
        ("-", "def color pagecolor hspace vspace mspace phantom hphantom vphantom label tag cline vspace*"),
        ("d", "kern mkern hskip vskip mskip hglue vglue raise lower moveleft moveright"),
        ("--", "rule setlength addtolength fontsize renewcommand newcommand"),
        ("---", "definecolor"),
        ("+", """
            mathbf boldsymbol bm pmb bold mathit mathsf mathtt mathnormal mathbfit mathord mathop mathbin mathrel mathopen mathclose
            mathpunct mathinner smash underline uline ensuremath mathclap mathllap mathrlap llap rlap clap vcenter substack lefteqn
            reflectbox symbf symbfit symit symrm symup
            """),
        ("#", "boxed fbox framebox makebox"),
        ("-+", "textcolor colorbox raisebox scalebox rotatebox parbox overset underset stackrel mathcolor"),
        ("--+", "fcolorbox resizebox"),
        ("t", """
            text textbf textit textrm textsf texttt textnormal textsl textsc textup textmd mbox hbox mathrm operatorname emph intertext
            shortintertext
            """));

    // Environments that set lines below each other or at a margin.
    private static readonly FrozenSet<string> s_lines = FrozenSet.Create(StringComparer.Ordinal,
        "align", "aligned", "alignat", "alignedat", "flalign", "gather", "gathered", "split", "equation", "multline", "multlined", "eqnarray",
        "math", "displaymath", "center", "flushleft", "flushright", "small", "large", "subequations", "minipage");

    // A line that starts or ends so belongs to its neighbour.
    private static readonly string[] s_joints =
        ["=", "<", ">", "+", "*", "/", ",", ";", ")", "\\le", "\\ge", "\\lt", "\\gt", "\\ne", "\\approx", "\\times", "\\cdot", "\\in", "\\cup", "\\text{and", "\\text{or", "\\text{ and", "\\text{ or", "and ", "or "];

    private readonly string _text;
    private readonly StringBuilder _out = new();
    private readonly Stack<bool> _hasRows = new();

    private Layout(string text) => _text = text;

    public static string Remove(string text)
    {
        if (text.AsSpan().IndexOfAny("\\&~") < 0) return text;
        // A formula that went through JSON once too often.
        if (text.Contains("\\\\begin{", StringComparison.Ordinal)) text = text.Replace("\\\\", "\\", StringComparison.Ordinal);
        var layout = new Layout(text);
        layout.Write(0, text.Length, inText: false);
        return layout.Lines();
    }

    private void Write(int at, int end, bool inText)
    {
        while (at < end)
        {
            char c = _text[at];
            if (c == '\\')
            {
                at = Command(at + 1, end, inText);
                continue;
            }
            int dollar = inText && c == '$' ? _text.IndexOf('$', at + 1, end - at - 1) : -1;
            if (dollar > 0)
            {
                Outside(at + 1, dollar);
                at = dollar + 1;
                continue;
            }
            bool isDropped = inText ? c is '{' or '}' : c == '&' && !InRows;
            if (!isDropped) _out.Append(c == '~' ? ThinSpace : c);
            at++;
        }
    }

    private bool InRows => _hasRows.TryPeek(out bool hasRows) && hasRows;

    // Mathematics inside of words.
    private void Outside(int from, int to)
    {
        _out.Append('}');
        Write(from, to, inText: false);
        _out.Append("\\text{");
    }

    /// <summary>Writes what is left of the command whose name starts at <paramref name="at"/>; the position behind it.</summary>
    private int Command(int at, int end, bool inText)
    {
        if (at >= end) return at;
        if (!char.IsAsciiLetter(_text[at])) return Sign(at, end, inText);
        int start = at;
        while (at < end && char.IsAsciiLetter(_text[at])) at++;
        string name = _text[start..at];
        if (name is "begin" or "end") return Environment(name == "begin", at, end);
        if (name is "cr" or "newline") return Break(at, end);
        if (!Commands.TryGetValue(name, out string? arguments))
        {
            // "\quadx": a spacing command run together with the symbol behind it.
            int quad = name.StartsWith("quad", StringComparison.Ordinal) ? 4 : name.StartsWith("qquad", StringComparison.Ordinal) ? 5 : 0;
            if (quad > 0)
            {
                _out.Append(' ');
                return start + quad;
            }
            if (!inText)
            {
                _out.Append('\\').Append(name);
                return at;
            }
            int close = at;
            while (close < end && _text[close] is '{' or '[') close = Argument(close, end).Next;
            Outside(start - 1, close);
            return close;
        }

        if (at < end && _text[at] == '*') at++;
        switch (arguments)
        {
            case "." when name is "left" or "right" or "middle" || name.StartsWith("big", StringComparison.OrdinalIgnoreCase):
                return Delimiter(at, end);
            case ".":
                _out.Append(' ');
                return at;
            case "_":
                _out.Append(name.StartsWith('q') ? ' ' : ThinSpace);
                return at;
            case "d":
                return Length(at, end);
        }
        foreach (char kind in arguments)
        {
            int argument = Spaces(at, end);
            while (argument < end && _text[argument] == '[' && _text.IndexOf(']', argument, end - argument) is var close and > 0)
                argument = Spaces(close + 1, end);
            (int from, int to, int next) = Argument(argument, end);
            if (kind != '-' && argument >= end) return at;
            at = next;
            if (kind == '-') continue;
            if (kind == '#' && _out.ToString().TrimEnd().EndsWith('}')) _out.Append(','); // two boxes side by side
            bool isText = kind == 't';
            bool isGroup = isText || !IsSign(from, to);
            if (!inText && isGroup) _out.Append(isText ? "\\text{" : "{");
            Write(from, to, inText || isText);
            if (!inText) _out.Append(isGroup ? '}' : ' ');
        }
        return at;
    }

    private int Sign(int at, int end, bool inText)
    {
        char c = _text[at];
        switch (c)
        {
            case '\\':
                return Break(at + 1, end);
            case ',' or ':' or ';' or '>' or ' ' or '~':
                _out.Append(ThinSpace);
                break;
            case '!':
                _out.Append(NoSpace);
                break;
            case '(' or ')' or '[' or ']':
                _out.Append(' ');
                break;
            case '/' or '-':
                break;
            case '|':
                _out.Append('|');
                break;
            default:
                _out.Append(inText ? $"}}\\{c}\\text{{" : $"\\{c}");
                break;
        }
        return at + 1;
    }

    // "\\" ends a line, or a row of a matrix; before the name of a command it is one backslash too many.
    private int Break(int at, int end)
    {
        if (!InRows)
        {
            int name = at;
            while (name < end && char.IsAsciiLetter(_text[name])) name++;
            if (name > at && Reading.Commands.IsKnown(_text[at..name])) return Command(at, end, inText: false);
        }
        if (at < end && _text[at] == '*') at++;
        if (at < end && _text[at] == '[' && _text.IndexOf(']', at, end - at) is var close and > 0 && IsLength(_text.AsSpan(at + 1, close - at - 1))) at = close + 1;
        _out.Append(InRows ? "\\\\" : LineBreak.ToString());
        return at;
    }

    private static bool IsLength(ReadOnlySpan<char> text) => text.Length > 2 && char.IsAsciiLetter(text[^1]) && char.IsAsciiLetter(text[^2]) && !text.Contains('\\');

    // \left. and \right. set nothing; \left< is an angle bracket.
    private int Delimiter(int at, int end)
    {
        int delimiter = Spaces(at, end);
        if (delimiter >= end || _text[delimiter] is not ('.' or '<' or '>')) return at;
        _out.Append(_text[delimiter] switch { '<' => "\\langle ", '>' => "\\rangle ", _ => "" });
        return delimiter + 1;
    }

    // \kern3mu, \hskip 1em plus 2pt
    private int Length(int at, int end)
    {
        int next = Spaces(at, end);
        if (next < end && _text[next] == '{') return Argument(next, end).Next;
        while (next < end && (char.IsAsciiDigit(_text[next]) || _text[next] is '-' or '.' or '+')) next++;
        next = Spaces(next, end);
        _out.Append(' ');
        return next + 2 <= end && char.IsAsciiLetter(_text[next]) ? next + 2 : at;
    }

    private int Environment(bool begins, int at, int end)
    {
        (int from, int to, int next) = Argument(Spaces(at, end), end);
        string name = _text[from..to].TrimEnd('*');
        string rows = name is "array" or "tabular" ? "matrix" : name;
        if (!begins)
        {
            bool hadRows = !_hasRows.TryPop(out bool hasRows) || hasRows;
            _out.Append(hadRows ? $"\\end{{{rows}}}" : " ");
            return next;
        }
        string columns = "";
        if (rows.EndsWith("matrix", StringComparison.Ordinal) && next < end && _text[next] == '[') next = Argument(next, end).Next;
        if (name is "array" or "tabular" or "alignat" or "alignedat" or "minipage")
        {
            int argument = Spaces(next, end);
            if (argument < end && _text[argument] == '[') argument = Spaces(Argument(argument, end).Next, end);
            (int first, int last, next) = Argument(argument, end);
            columns = _text[first..last].Replace("|", "", StringComparison.Ordinal).Trim();
        }
        string before = _out.ToString().TrimEnd();
        bool isBracketed = before.EndsWith('(') || before.EndsWith('[') || before.EndsWith('|');
        bool isSystem = before.EndsWith("\\{", StringComparison.Ordinal);
        bool isLines = s_lines.Contains(name) || (name is "array" or "tabular" && columns.Length == 1 && !isBracketed)
            || (name is "cases" or "dcases" or "rcases" && !Body(next, end).Contains('&', StringComparison.Ordinal));
        // The brace of a system of equations belongs to its alignment.
        if (isLines && isSystem) _out.Length = before.Length - 2;
        _hasRows.Push(!isLines);
        _out.Append(isLines ? " " : $"\\begin{{{rows}}}");
        return next;
    }

    private string Body(int from, int end)
    {
        int close = _text.IndexOf("\\end{", from, end - from, StringComparison.Ordinal);
        return close < 0 ? "" : _text[from..close];
    }

    /// <summary>The content of a group in braces or square brackets, or the one token that stands in its place.</summary>
    private (int From, int To, int Next) Argument(int at, int end)
    {
        if (at >= end) return (end, end, end);
        if (_text[at] == '[' && _text.IndexOf(']', at, end - at) is var square and > 0) return (at + 1, square, square + 1);
        if (_text[at] == '{' && Braces.End(_text, at) is var close && close > 0 && close <= end) return (at + 1, close - 1, close);
        int next = at + 1;
        if (_text[at] == '\\')
        {
            while (next < end && char.IsAsciiLetter(_text[next])) next++;
            if (next == at + 1 && next < end) next++;
            while (next < end && _text[next] == '{' && Braces.End(_text, next) is var group && group > 0 && group <= end) next = group;
        }
        return (at, next, next);
    }

    // A lone operator stays one: \mathbin{+}, \textcolor{red}{-}.
    private bool IsSign(int from, int to)
    {
        if (to - from == 1) return !char.IsLetterOrDigit(_text[from]);
        bool isCommand = to - from > 1 && _text[from] == '\\';
        for (int i = from + 1; i < to && isCommand; i++) isCommand = char.IsAsciiLetter(_text[i]);
        return isCommand && !Commands.ContainsKey(_text[(from + 1)..to]);
    }

    private int Spaces(int at, int end)
    {
        while (at < end && _text[at] == ' ') at++;
        return at;
    }

    // Lines that do not continue each other are items.
    private string Lines()
    {
        string text = _out.Replace("\\text{}", "").ToString();
        if (!text.Contains(LineBreak, StringComparison.Ordinal)) return text;
        var joined = new StringBuilder();
        foreach (string part in text.Split(LineBreak))
        {
            string line = part.Trim(' ', ThinSpace, NoSpace);
            if (line.Length == 0) continue;
            string before = joined.ToString();
            bool continues = before.Length == 0 || Array.Exists(s_joints, joint => line.StartsWith(joint, StringComparison.Ordinal))
                || before[^1] is '=' or '<' or '>' or '+' or '-' or '*' or '/' or ',' or ';' or '(';
            joined.Append(continues ? " " : ", ").Append(line);
        }
        return joined.ToString();
    }

    private static FrozenDictionary<string, string> Table(params (string Arguments, string Names)[] rows) =>
        rows.SelectMany(row => row.Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), (row, name) => (name, row.Arguments))
            .ToFrozenDictionary(pair => pair.name, pair => pair.Arguments, StringComparer.Ordinal);
}
