using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Reasoning.Jinja;

namespace Reasoning.Models.Chat;

/// <summary>JSON as values of a template, with Python's types: a number without fraction and exponent is an integer.</summary>
internal static class JsonValues
{
    private const int MaxDigits = 300;

    /// <summary>The value of a JSON element.</summary>
    /// <param name="element">Its depth is bounded by the reader.</param>
    /// <param name="where">Names it in messages.</param>
    /// <exception cref="UserErrorException">An integer has too many digits.</exception>
    public static Value Of(JsonElement element, string where)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return new DictValue(element.EnumerateObject().Select(p => ((Value)new StringValue(p.Name), Of(p.Value, where))));
            case JsonValueKind.Array:
                return SequenceValue.List([.. element.EnumerateArray().Select(item => Of(item, where))]);
            case JsonValueKind.String:
                return new StringValue(element.GetString()!);
            case JsonValueKind.True or JsonValueKind.False:
                return BoolValue.Of(element.GetBoolean());
            case JsonValueKind.Number:
                return Number(element.GetRawText(), where);
            default:
                return NoneValue.Instance;
        }
    }

    private static Value Number(string text, string where)
    {
        if (text.AsSpan().IndexOfAny(".eE") >= 0) return new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
        return text.Length <= MaxDigits
            ? new IntegerValue(BigInteger.Parse(text, CultureInfo.InvariantCulture))
            : throw new UserErrorException($"{where}: an integer of more than {MaxDigits} digits");
    }
}
