using System.Globalization;
using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>What stands after a bar.</summary>
internal static partial class Filters
{
    private delegate Value Filter(Value value, CallArguments arguments, Budget budget);

    private static readonly Dictionary<string, Filter> s_filters = new(StringComparer.Ordinal)
    {
        ["abs"] = Abs,
        ["attr"] = (v, a, b) => Members.AttributeOnly(v, StringMethods.Text(a.Bind("attr", 1, "name")[0]!, "attr"), b),
        ["batch"] = Batch,
        ["capitalize"] = (v, a, b) => OfText(v, a, b, "capitalize", CaseRules.Capitalize),
        ["center"] = Center,
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = DictSort,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["first"] = (v, a, b) => First(v, a, b),
        ["float"] = ToFloat,
        ["forceescape"] = Escape,
        ["format"] = Format,
        ["indent"] = Indent,
        ["int"] = ToInteger,
        ["items"] = Items,
        ["join"] = Join,
        ["last"] = Last,
        ["length"] = Length,
        ["list"] = (v, a, b) => a.Bind("list", 0) is var _ ? SequenceValue.List(Sequences.List(v, b)) : v,
        ["lower"] = (v, a, b) => OfText(v, a, b, "lower", CaseRules.Lower),
        ["map"] = Map,
        ["max"] = (v, a, b) => Extreme(v, a, b, "max", 1),
        ["min"] = (v, a, b) => Extreme(v, a, b, "min", -1),
        ["reject"] = (v, a, b) => Select(v, a, b, wanted: false, byAttribute: false),
        ["rejectattr"] = (v, a, b) => Select(v, a, b, wanted: false, byAttribute: true),
        ["replace"] = Replace,
        ["reverse"] = Reverse,
        ["round"] = Round,
        ["safe"] = (v, a, b) => OfText(v, a, b, "safe", text => text),
        ["select"] = (v, a, b) => Select(v, a, b, wanted: true, byAttribute: false),
        ["selectattr"] = (v, a, b) => Select(v, a, b, wanted: true, byAttribute: true),
        ["sort"] = Sort,
        ["string"] = (v, a, b) => OfText(v, a, b, "string", text => text),
        ["sum"] = Sum,
        ["title"] = (v, a, b) => OfText(v, a, b, "title", Title),
        ["tojson"] = (v, a, b) => JsonText.Of(v, a, b),
        ["trim"] = Trim,
        ["unique"] = Unique,
        ["upper"] = (v, a, b) => OfText(v, a, b, "upper", CaseRules.Upper),
        ["wordcount"] = WordCount,
    };

    public static bool Exists(string name) => s_filters.ContainsKey(name);

    /// <summary>A value put through a filter.</summary>
    /// <exception cref="TemplateException">There is no such filter, or value and arguments do not fit it.</exception>
    public static Value Apply(string name, Value value, CallArguments arguments, Budget budget)
    {
        budget.Spend();
        return s_filters.TryGetValue(name, out Filter? filter)
            ? filter(value, arguments, budget)
            : throw new TemplateException($"the filter '{name}' is not supported");
    }

    private static StringValue OfText(Value value, CallArguments arguments, Budget budget, string name, Func<string, string> change)
    {
        arguments.Bind(name, 0);
        return budget.String(change(PythonText.Of(value, budget)));
    }

    private static Value Abs(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("abs", 0);
        if (!Numbers.Is(value)) throw new TemplateException($"'abs' does not work on a {value.TypeName}");
        return Numbers.Integer(value) is { } whole
            ? new IntegerValue(BigInteger.Abs(whole))
            : new FloatValue(Math.Abs(Numbers.Float(value)));
    }

    private static Value Default(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("default", 0, "default_value", "boolean");
        bool isMissing = value is UndefinedValue || ((bound[1]?.IsTrue ?? false) && !value.IsTrue);
        return isMissing ? bound[0] ?? StringValue.Empty : value;
    }

    private static Value Length(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("length", 0);
        return Numbers.Of(Sequences.Count(value, budget));
    }

    private static StringValue Format(Value value, CallArguments arguments, Budget budget)
    {
        if (arguments.Named.Count > 0 && arguments.Positional.Count > 0)
            throw new TemplateException("'format' takes values either by place or by name");
        Value values = arguments.Named.Count > 0
            ? new DictValue(arguments.Named.Select(pair => ((Value)new StringValue(pair.Key), pair.Value)))
            : SequenceValue.Tuple(arguments.Positional);
        return Formatting.Apply(PythonText.Of(value, budget), values, budget);
    }

    private static Value Round(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("round", 0, "precision", "method");
        int precision = bound[0] is null ? 0 : Numbers.Small(bound[0]!, "'precision'");
        string method = bound[1] is null ? "common" : StringMethods.Text(bound[1]!, "round");
        if (value is UndefinedValue missing) throw missing.Used();
        if (!Numbers.Is(value)) throw new TemplateException($"'round' does not work on a {value.TypeName}");
        if (Math.Abs(precision) > 15) throw new TemplateException("'round' to more than 15 places is not supported");
        double scale = Math.Pow(10, precision);
        switch (method)
        {
            case "common" when Numbers.Integer(value) is { } whole && precision >= 0:
                return new IntegerValue(whole);
            case "common":
                double number = Numbers.Float(value);
                if (precision >= 0) return new FloatValue(HalfEven(number, precision));
                double coarse = Math.Round(number * scale, MidpointRounding.ToEven) / scale;
                return Numbers.Integer(value) is null ? new FloatValue(coarse) : new IntegerValue(new BigInteger(coarse));
            case "ceil":
                return new FloatValue((Math.Ceiling(Numbers.Float(value) * scale) + 0.0) / scale); // minus zero is an integer first
            case "floor":
                return new FloatValue((Math.Floor(Numbers.Float(value) * scale) + 0.0) / scale);
            default:
                throw new TemplateException("the method of 'round' is common, ceil or floor");
        }
    }

    // Rounds the exact value of the double, as Python does: what lies a hair below a half goes down.
    private static double HalfEven(double number, int precision)
    {
        if (!double.IsFinite(number)) return number;
        string exact = number.ToString("F" + precision, CultureInfo.InvariantCulture);
        double scaled = number * Math.Pow(10, precision);
        bool isTie = Math.Abs(scaled) < 1 << 30 && scaled - Math.Floor(scaled) == 0.5
            && number == (Math.Floor(scaled) + 0.5) / Math.Pow(10, precision) && IsDyadic(number, precision);
        return isTie
            ? Math.Round(scaled, MidpointRounding.ToEven) / Math.Pow(10, precision)
            : double.Parse(exact, CultureInfo.InvariantCulture);
    }

    // Only a fraction of a power of two can lie exactly between two decimals.
    private static bool IsDyadic(double number, int precision)
    {
        double scaled = Math.ScaleB(number, precision + 1);
        return scaled == Math.Floor(scaled);
    }

    private static Value ToInteger(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("int", 0, "default", "base");
        Value otherwise = bound[0] ?? Numbers.Of(0);
        int radix = bound[1] is null ? 10 : Numbers.Small(bound[1]!, "'base'");
        if (value is UndefinedValue missing) throw missing.Used();
        if (Numbers.Integer(value) is { } whole) return new IntegerValue(whole);
        if (value is StringValue text)
        {
            if (NumberText.Integer(text.Text, radix) is { } read) return new IntegerValue(read);
            if (NumberText.Float(text.Text) is { } number) value = new FloatValue(number);
        }
        return value is FloatValue real && double.IsFinite(real.Value)
            ? new IntegerValue(new BigInteger(Math.Truncate(real.Value)))
            : otherwise;
    }

    private static Value ToFloat(Value value, CallArguments arguments, Budget budget)
    {
        Value otherwise = arguments.Bind("float", 0, "default")[0] ?? new FloatValue(0);
        if (value is UndefinedValue missing) throw missing.Used();
        if (Numbers.Is(value)) return new FloatValue(Numbers.Float(value));
        return value is StringValue text && NumberText.Float(text.Text) is { } number ? new FloatValue(number) : otherwise;
    }
}
