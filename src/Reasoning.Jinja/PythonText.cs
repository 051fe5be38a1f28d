using System.Globalization;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>Values as text, as Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class PythonText
{
    /// <summary>All white space of Python.</summary>
    public static readonly string Spaces = string.Concat(Enumerable.Range(0, 0x3001).Select(code => (char)code).Where(IsSpace));

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    public static string TrimEnd(string text) => text.AsSpan().TrimEnd(Spaces).ToString();

    /// <summary>A value as it is written into the output.</summary>
    /// <exception cref="TemplateException">The value has no text of its own, such as a function.</exception>
    public static string Of(Value value, Budget budget)
    {
        switch (value)
        {
            case StringValue text:
                return text.Text;
            case UndefinedValue:
                return "";
            case SequenceValue or DictValue:
                var writer = new StringBuilder();
                Represent(value, writer, budget);
                budget.Text(writer.Length);
                return writer.ToString();
            default:
                return Scalar(value);
        }
    }

    /// <summary>A value as it is written inside of a list.</summary>
    public static string Representation(Value value, Budget budget)
    {
        var writer = new StringBuilder();
        Represent(value, writer, budget);
        budget.Text(writer.Length);
        return writer.ToString();
    }

    /// <summary>The shortest digits that read back as the same number, in Python's layout: 1.0, 1e-05, 1e+16.</summary>
    public static string Float(double number)
    {
        if (double.IsNaN(number)) return "nan";
        if (double.IsInfinity(number)) return number > 0 ? "inf" : "-inf";
        string round = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        string digits = string.Concat(round.TakeWhile(c => c is not 'E').Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        if (digits.Length == 0) digits = "0";
        int exponent = number == 0 ? 0 : Exponent(round);
        string sign = double.IsNegative(number) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        string whole = digits.Length > exponent ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
        return $"{sign}{whole}.{(digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0")}";
    }

    /// <summary>The decimal exponent of the first digit.</summary>
    private static int Exponent(string round)
    {
        int mark = round.IndexOf('E');
        if (mark >= 0) return int.Parse(round.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        int point = round.IndexOf('.');
        string whole = point < 0 ? round : round[..point];
        return whole != "0" ? whole.Length - 1 : -round.AsSpan(point + 1).IndexOfAnyExcept('0') - 1;
    }

    private static string Scalar(Value value) => value switch
    {
        NoneValue => "None",
        BoolValue flag => flag.Value ? "True" : "False",
        IntegerValue integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        FloatValue number => Float(number.Value),
        IteratorValue => throw new TemplateException("a lazy sequence has no text: put it through the filter 'list' or 'join'"),
        _ => throw new TemplateException($"a {value.TypeName} has no text"),
    };

    private static void Represent(Value value, StringBuilder writer, Budget budget)
    {
        budget.Spend();
        if (writer.Length > Budget.MaxString) budget.Text(writer.Length);
        switch (value)
        {
            case StringValue text:
                budget.Text(text.Text.Length);
                Quote(text.Text, writer);
                break;
            case UndefinedValue:
                writer.Append("Undefined");
                break;
            case SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                bool isList = sequence.Kind == SequenceKind.List;
                writer.Append(isList ? '[' : '(');
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    if (i > 0) writer.Append(", ");
                    Represent(sequence.Items[i], writer, budget);
                }
                writer.Append(isList ? "]" : sequence.Items.Count == 1 ? ",)" : ")");
                break;
            case SequenceValue { Text: { } range }:
                writer.Append(range);
                break;
            case SequenceValue:
                throw new TemplateException($"a {value.TypeName} has no text: put it through the filter 'list'");
            case DictValue dict:
                writer.Append('{');
                bool isFirst = true;
                foreach ((Value key, Value item) in dict.Entries)
                {
                    if (!isFirst) writer.Append(", ");
                    isFirst = false;
                    Represent(key, writer, budget);
                    writer.Append(": ");
                    Represent(item, writer, budget);
                }
                writer.Append('}');
                break;
            default:
                writer.Append(Scalar(value));
                break;
        }
    }

    private static void Quote(string text, StringBuilder writer)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        writer.Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == quote || c == '\\') writer.Append('\\').Append(c);
            else if (c is '\n' or '\r' or '\t') writer.Append('\\').Append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) Character(c, text[++i], writer);
            else if (c == ' ' || IsPrintable(CharUnicodeInfo.GetUnicodeCategory(c))) writer.Append(c);
            else writer.Append(c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}");
        }
        writer.Append(quote);
    }

    private static void Character(char high, char low, StringBuilder writer)
    {
        int code = char.ConvertToUtf32(high, low);
        if (IsPrintable(CharUnicodeInfo.GetUnicodeCategory(code))) writer.Append(high).Append(low);
        else writer.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}");
    }

    private static bool IsPrintable(UnicodeCategory category) => category is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
