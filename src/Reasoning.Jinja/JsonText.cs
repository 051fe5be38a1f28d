using System.Globalization;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>
/// Values as JSON, as Python's <c>json.dumps</c> writes them with <c>ensure_ascii=False</c>: a space after commas and colons, letters of all
/// scripts as they are.
/// </summary>
internal sealed class JsonText
{
    private readonly StringBuilder _writer = new();
    private readonly Budget _budget;
    private readonly string? _indent;
    private readonly string _comma;
    private readonly string _colon;
    private readonly bool _sortKeys;
    private readonly bool _asciiOnly;

    private JsonText(Value?[] options, Budget budget)
    {
        _budget = budget;
        _asciiOnly = options[0]?.IsTrue ?? false;
        _indent = options[1] switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            var width => Spaces(Math.Max(0, Numbers.Small(width, "'indent'"))),
        };
        (_comma, _colon) = (_indent is null ? ", " : ",", ": ");
        if (options[2] is SequenceValue { Items: [StringValue comma, StringValue colon] }) (_comma, _colon) = (comma.Text, colon.Text);
        else if (options[2] is not (null or NoneValue)) throw new TemplateException("'separators' needs two strings");
        _sortKeys = options[3]?.IsTrue ?? false;

        string Spaces(int width)
        {
            budget.Text(width);
            return new string(' ', width);
        }
    }

    /// <summary>The JSON of a value.</summary>
    /// <param name="value">What is written.</param>
    /// <param name="arguments">ensure_ascii, indent, separators, sort_keys.</param>
    /// <param name="budget">Pays for the text.</param>
    /// <exception cref="TemplateException">Something in it has no JSON, such as an undefined value.</exception>
    public static StringValue Of(Value value, CallArguments arguments, Budget budget)
    {
        var json = new JsonText(arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys"), budget);
        json.Write(value, 0);
        return budget.String(json._writer.ToString());
    }

    private void Write(Value value, int depth)
    {
        _budget.Spend();
        switch (value)
        {
            case StringValue text:
                Quote(text.Text);
                break;
            case NoneValue:
                Append("null");
                break;
            case BoolValue flag:
                Append(flag.Value ? "true" : "false");
                break;
            case FloatValue number:
                Append(Number(number.Value));
                break;
            case IntegerValue number:
                Append(number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                Container('[', ']', sequence.Items, item => Write(item, depth + 1), depth);
                break;
            case DictValue dict:
                IEnumerable<(string Key, Value Value)> entries = dict.Entries.Select(entry => (Key(entry.Key), entry.Value));
                if (_sortKeys) entries = entries.Order(Comparer<(string Key, Value)>.Create((a, b) => CodePoints.Compare(a.Key, b.Key)));
                Container('{', '}', [.. entries], Entry, depth);
                break;
            default:
                throw (value as UndefinedValue)?.Used() ?? new TemplateException($"a {value.TypeName} has no JSON");
        }

        void Entry((string Key, Value Value) entry)
        {
            Quote(entry.Key);
            Append(_colon);
            Write(entry.Value, depth + 1);
        }
    }

    private void Container<T>(char open, char close, IReadOnlyList<T> items, Action<T> write, int depth)
    {
        _writer.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) Append(_comma);
            NewLine(depth + 1);
            write(items[i]);
        }
        if (items.Count > 0) NewLine(depth);
        _writer.Append(close);
    }

    private void NewLine(int depth)
    {
        if (_indent is null) return;
        _budget.Text((long)_indent.Length * depth);
        _writer.Append('\n');
        for (int i = 0; i < depth; i++) _writer.Append(_indent);
    }

    private void Append(string text)
    {
        _budget.Text(text.Length);
        _writer.Append(text);
    }

    private static string Key(Value key) => key switch
    {
        StringValue text => text.Text,
        BoolValue flag => flag.Value ? "true" : "false",
        NoneValue => "null",
        FloatValue number => Number(number.Value),
        IntegerValue number => number.Value.ToString(CultureInfo.InvariantCulture),
        _ => throw new TemplateException($"a {key.TypeName} is no key of JSON"),
    };

    private static string Number(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : PythonText.Float(number);

    private void Quote(string text)
    {
        _budget.Text(text.Length);
        _writer.Append('"');
        foreach (char c in text)
        {
            int simple = "\"\\\n\r\t\f\b".IndexOf(c);
            if (simple >= 0) _writer.Append('\\').Append("\"\\nrtfb"[simple]);
            else if (c < ' ' || (_asciiOnly && c > '~')) _writer.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else _writer.Append(c);
        }
        _writer.Append('"');
    }
}
