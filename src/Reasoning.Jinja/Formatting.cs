using System.Globalization;
using System.Numerics;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>The operator % on strings: conversions s, r, d, i, f, x, X, o and %%, with flags, width and precision.</summary>
internal static class Formatting
{
    /// <summary>The format with its places filled.</summary>
    /// <param name="format">Text with places.</param>
    /// <param name="value">One value, a tuple of them, or an object for places with names.</param>
    /// <param name="budget">Pays for the text.</param>
    /// <exception cref="TemplateException">A place is not of the supported kinds, or values are missing or left over.</exception>
    public static StringValue Apply(string format, Value value, Budget budget)
    {
        var values = new Queue<Value>(value is SequenceValue { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [value]);
        bool usesNames = false;
        var text = new StringBuilder();
        for (int i = 0; i < format.Length;)
        {
            char c = format[i++];
            if (c != '%')
            {
                text.Append(c);
                continue;
            }
            Place place = Read(format, ref i);
            if (place.Conversion == '%')
            {
                text.Append('%');
                continue;
            }
            string filled = Fill(place, Take(place.Name), budget);
            budget.Text(filled.Length);
            text.Append(filled);
        }
        // Whatever can be indexed might be meant for names, so Python does not miss a place for it.
        bool isIndexed = value is DictValue or UndefinedValue or SequenceValue { Kind: not SequenceKind.Tuple };
        if (values.Count > 0 && !usesNames && !isIndexed) throw new TemplateException("not all values have a place in the format");
        return budget.String(text.ToString());

        Value Take(string? name)
        {
            if (name is null) return values.TryDequeue(out Value? next) ? next : throw new TemplateException("too few values for the format");
            usesNames = true;
            return (value as DictValue)?.Find(name) ?? throw new TemplateException($"the format needs a value '{name}'");
        }
    }

    private static Place Read(string format, ref int i)
    {
        string? name = null;
        if (i < format.Length && format[i] == '(')
        {
            int end = format.IndexOf(')', i);
            if (end < 0) throw new TemplateException("a name in the format does not end");
            name = format[(i + 1)..end];
            i = end + 1;
        }
        int start = i;
        while (i < format.Length && format[i] is '-' or '+' or ' ' or '0' or '#') i++;
        string flags = format[start..i];
        int width = Digits(format, ref i);
        int precision = -1;
        if (i < format.Length && format[i] == '.')
        {
            i++;
            precision = Digits(format, ref i);
        }
        if (i >= format.Length) throw new TemplateException("the format ends inside of a place");
        return new Place(name, flags, width, precision, format[i++]);
    }

    private static int Digits(string format, ref int i)
    {
        int start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
        if (i == start) return 0;
        return int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 1000
            ? number
            : throw new TemplateException("a width or precision above 1000 in a format");
    }

    private static string Fill(Place place, Value value, Budget budget)
    {
        (string sign, string body) = place.Conversion switch
        {
            's' => ("", Cut(PythonText.Of(value, budget))),
            'r' => ("", Cut(PythonText.Representation(value, budget))),
            'd' or 'i' or 'x' or 'X' or 'o' => Whole(place, Integer(value)),
            'f' => Real(place, value),
            _ => throw new TemplateException($"the conversion '%{place.Conversion}' is not supported"),
        };
        int missing = place.Width - CodePoints.Count(body) - sign.Length;
        if (missing <= 0) return sign + body;
        if (place.Flags.Contains('-')) return sign + body + new string(' ', missing);
        bool zeros = place.Flags.Contains('0') && place.Conversion is not ('s' or 'r');
        return zeros ? sign + new string('0', missing) + body : new string(' ', missing) + sign + body;

        string Cut(string text) => place.Precision < 0 ? text : string.Concat(CodePoints.Of(text).Take(place.Precision));
    }

    private static BigInteger Integer(Value value) => Numbers.Integer(value)
        ?? (value is FloatValue { Value: var number } && double.IsFinite(number)
            ? new BigInteger(Math.Truncate(number))
            : throw new TemplateException($"a format needs a number, not a {value.TypeName}"));

    private static (string Sign, string Body) Whole(Place place, BigInteger number)
    {
        BigInteger size = BigInteger.Abs(number);
        string body = place.Conversion switch
        {
            'x' => size.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'),
            'X' => size.ToString("X", CultureInfo.InvariantCulture).TrimStart('0'),
            'o' => Octal(size),
            _ => size.ToString(CultureInfo.InvariantCulture),
        };
        return (Sign(place, number.Sign < 0), (body.Length == 0 ? "0" : body).PadLeft(Math.Max(place.Precision, 0), '0'));
    }

    private static string Octal(BigInteger size)
    {
        var digits = new StringBuilder();
        for (; size > 0; size >>= 3) digits.Insert(0, (char)('0' + (int)(size & 7)));
        return digits.ToString();
    }

    private static (string Sign, string Body) Real(Place place, Value value)
    {
        if (!Numbers.Is(value)) throw new TemplateException($"a format needs a number, not a {value.TypeName}");
        double number = Numbers.Float(value);
        string body = double.IsFinite(number)
            ? Math.Abs(number).ToString("F" + (place.Precision < 0 ? 6 : place.Precision), CultureInfo.InvariantCulture)
            : PythonText.Float(Math.Abs(number));
        return (Sign(place, number < 0), body);
    }

    private static string Sign(Place place, bool isNegative) =>
        isNegative ? "-" : place.Flags.Contains('+') ? "+" : place.Flags.Contains(' ') ? " " : "";

    private readonly record struct Place(string? Name, string Flags, int Width, int Precision, char Conversion);
}
