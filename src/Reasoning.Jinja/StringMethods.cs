namespace Reasoning.Jinja;

/// <summary>Methods of strings. Positions count code points.</summary>
internal static class StringMethods
{
    private static readonly HashSet<string> s_unsupported =
        ["encode", "expandtabs", "format", "format_map", "isidentifier", "maketrans", "translate"];

    /// <summary>A method bound to a text, or null where strings have none of the name.</summary>
    /// <exception cref="TemplateException">It is a method of Python that is not supported.</exception>
    public static FunctionValue? Find(string text, string name, Budget budget)
    {
        if (s_unsupported.Contains(name)) throw new TemplateException($"the method 'str.{name}' is not supported");
        Func<CallArguments, Value>? body = name switch
        {
            "strip" => a => budget.String(Strip(text, a, "strip", true, true)),
            "lstrip" => a => budget.String(Strip(text, a, "lstrip", true, false)),
            "rstrip" => a => budget.String(Strip(text, a, "rstrip", false, true)),
            "upper" => a => Plain(a, budget.String(CaseRules.Upper(text))),
            "lower" or "casefold" => a => Plain(a, budget.String(CaseRules.Lower(text))),
            "title" => a => Plain(a, budget.String(CaseRules.TitleWords(text))),
            "capitalize" => a => Plain(a, budget.String(CaseRules.Capitalize(text))),
            "swapcase" => a => Plain(a, budget.String(string.Concat(text.Select(
                c => char.IsUpper(c) ? CaseRules.Lower(c.ToString()) : CaseRules.Upper(c.ToString()))))),
            "startswith" => a => Affix(a, "startswith", (part, affix) => part.StartsWith(affix, StringComparison.Ordinal)),
            "endswith" => a => Affix(a, "endswith", (part, affix) => part.EndsWith(affix, StringComparison.Ordinal)),
            "removeprefix" => a => budget.String(Text(a, name) is var prefix && text.StartsWith(prefix, StringComparison.Ordinal)
                ? text[prefix.Length..] : text),
            "removesuffix" => a => budget.String(Text(a, name) is var suffix && text.EndsWith(suffix, StringComparison.Ordinal)
                ? text[..^suffix.Length] : text),
            "replace" => Replace,
            "split" => a => StringSplitting.Split(text, a, fromEnd: false, budget),
            "rsplit" => a => StringSplitting.Split(text, a, fromEnd: true, budget),
            "splitlines" => a => StringSplitting.Lines(text, a, budget),
            "partition" => a => StringSplitting.Partition(text, Text(a, name), last: false, budget),
            "rpartition" => a => StringSplitting.Partition(text, Text(a, name), last: true, budget),
            "join" => a => Join(text, a.Bind(name, 1, "iterable")[0]!, budget),
            "find" => a => Numbers.Of(Find(a, name, last: false)),
            "rfind" => a => Numbers.Of(Find(a, name, last: true)),
            "index" => a => Found(Find(a, name, last: false)),
            "rindex" => a => Found(Find(a, name, last: true)),
            "count" => Count,
            "ljust" => a => budget.String(Pad(a, name, left: 0)),
            "rjust" => a => budget.String(Pad(a, name, left: 2)),
            "center" => a => budget.String(Pad(a, name, left: 1)),
            "zfill" => ZeroFill,
            "isdigit" or "isdecimal" or "isnumeric" => a => Plain(a, All(char.IsDigit)),
            "isalpha" => a => Plain(a, All(char.IsLetter)),
            "isalnum" => a => Plain(a, All(char.IsLetterOrDigit)),
            "isspace" => a => Plain(a, All(PythonText.IsSpace)),
            "isascii" => a => Plain(a, BoolValue.Of(text.All(char.IsAscii))),
            "islower" => a => Plain(a, BoolValue.Of(CaseRules.IsAll(text, upper: false))),
            "isupper" => a => Plain(a, BoolValue.Of(CaseRules.IsAll(text, upper: true))),
            _ => null,
        };
        return body is null ? null : new FunctionValue(name, Counted);

        Value Counted(CallArguments arguments)
        {
            budget.Spend(1 + (text.Length / 16));
            return body(arguments);
        }

        Value Plain(CallArguments arguments, Value value)
        {
            arguments.Bind(name, 0);
            return value;
        }

        BoolValue All(Func<char, bool> isOfKind) => BoolValue.Of(text.Length > 0 && text.All(isOfKind));

        string Part(Value?[] bounds, out bool isInside)
        {
            bool isWhole = bounds[1] is null or NoneValue && bounds[2] is null or NoneValue;
            isInside = isWhole || bounds[1] is null or NoneValue || Numbers.Small(bounds[1]!, "a position") <= CodePoints.Count(text);
            return isWhole ? text : ((StringValue)Slices.Of(new StringValue(text), bounds[1], bounds[2], null, budget)).Text;
        }

        BoolValue Affix(CallArguments arguments, string method, Func<string, string, bool> has)
        {
            Value?[] bound = arguments.Bind(method, 1, "prefix", "start", "end");
            string part = Part(bound, out bool isInside);
            IReadOnlyList<Value> affixes = bound[0] is SequenceValue { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [bound[0]!];
            return BoolValue.Of(isInside && affixes.Any(affix => has(part, Text(affix, method))));
        }

        Value Replace(CallArguments arguments)
        {
            Value?[] bound = arguments.Bind("replace", 2, "old", "new", "count");
            int most = bound[2] is null ? -1 : Numbers.Small(bound[2]!, "the count of 'replace'");
            return StringSplitting.Replace(text, Text(bound[0]!, "replace"), Text(bound[1]!, "replace"), most, budget);
        }

        int Find(CallArguments arguments, string method, bool last)
        {
            Value?[] bound = arguments.Bind(method, 1, "sub", "start", "end");
            string wanted = Text(bound[0]!, method), part = Part(bound, out bool isInside);
            int index = !isInside ? -1
                : last ? part.LastIndexOf(wanted, StringComparison.Ordinal) : part.IndexOf(wanted, StringComparison.Ordinal);
            if (index < 0) return -1;
            int before = bound[1] is null or NoneValue ? 0 : Numbers.Small(bound[1]!, "a position");
            if (before < 0) before = Math.Max(0, before + CodePoints.Count(text));
            return CodePoints.Position(part, index) + before;
        }

        Value Count(CallArguments arguments)
        {
            Value?[] bound = arguments.Bind("count", 1, "sub", "start", "end");
            string wanted = Text(bound[0]!, "count"), part = Part(bound, out bool isInside);
            return Numbers.Of(!isInside ? 0
                : wanted.Length == 0 ? CodePoints.Count(part) + 1 : StringSplitting.Occurrences(part, wanted).Count());
        }

        string Pad(CallArguments arguments, string method, int left)
        {
            Value?[] bound = arguments.Bind(method, 1, "width", "fillchar");
            string fill = bound[1] is null ? " " : Text(bound[1]!, method);
            if (CodePoints.Count(fill) != 1) throw new TemplateException($"'{method}' fills with one character");
            int width = Numbers.Small(bound[0]!, "a width"), missing = width - CodePoints.Count(text);
            if (missing <= 0) return text;
            budget.Text((long)missing * fill.Length);
            int before = left == 1 ? (missing / 2) + (missing & width & 1) : left == 0 ? 0 : missing;
            return string.Concat(Enumerable.Repeat(fill, before)) + text + string.Concat(Enumerable.Repeat(fill, missing - before));
        }

        Value ZeroFill(CallArguments arguments)
        {
            int width = Numbers.Small(arguments.Bind("zfill", 1, "width")[0]!, "a width"), missing = width - CodePoints.Count(text);
            if (missing <= 0) return new StringValue(text);
            budget.Text(width);
            int sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
            return new StringValue(text[..sign] + new string('0', missing) + text[sign..]);
        }
    }

    /// <summary>Texts of a sequence with a separator between them.</summary>
    public static StringValue Join(string separator, Value items, Budget budget)
    {
        var parts = new List<string>();
        foreach (Value item in Sequences.Items(items, budget))
        {
            string part = Text(item, "join");
            budget.Text((long)part.Length + separator.Length);
            parts.Add(part);
        }
        return new StringValue(string.Join(separator, parts));
    }

    /// <summary>The text of an argument that must be a string.</summary>
    public static string Text(Value value, string method) => value switch
    {
        StringValue text => text.Text,
        UndefinedValue missing => throw missing.Used(),
        _ => throw new TemplateException($"'{method}' needs a str, not a {value.TypeName}"),
    };

    private static string Text(CallArguments arguments, string method) => Text(arguments.Bind(method, 1, "text")[0]!, method);

    private static Value Found(int index) => index < 0 ? throw new TemplateException("'index' finds nothing") : Numbers.Of(index);

    private static string Strip(string text, CallArguments arguments, string method, bool start, bool end)
    {
        Value? chars = arguments.Bind(method, 0, "chars")[0];
        return Strip(text, chars is null or NoneValue ? null : Text(chars, method), start, end);
    }

    /// <summary>A text without the given characters, or without white space, at its ends.</summary>
    public static string Strip(string text, string? chars, bool start, bool end)
    {
        if (chars is not null && CodePoints.Count(chars) != chars.Length)
        {
            List<string> points = [.. CodePoints.Of(text)], dropped = [.. CodePoints.Of(chars)];
            int first = start ? points.FindIndex(point => !dropped.Contains(point)) : 0;
            int last = end ? points.FindLastIndex(point => !dropped.Contains(point)) : points.Count - 1;
            return first < 0 || last < 0 ? "" : string.Concat(points[first..(last + 1)]);
        }
        string set = chars ?? PythonText.Spaces;
        if (set.Length == 0) return text;
        ReadOnlySpan<char> span = text;
        if (start) span = span.TrimStart(set);
        if (end) span = span.TrimEnd(set);
        return span.ToString();
    }
}
