namespace Reasoning.Jinja;

/// <summary>Iteration over values.</summary>
internal static class Sequences
{
    /// <summary>Whether a value can be iterated.</summary>
    public static bool CanIterate(Value value) => value is SequenceValue or DictValue or StringValue or IteratorValue or UndefinedValue;

    /// <summary>The elements of a value, each of them counted.</summary>
    /// <exception cref="TemplateException">The value has none.</exception>
    public static IEnumerable<Value> Items(Value value, Budget budget)
    {
        IEnumerable<Value> items = value switch
        {
            SequenceValue sequence => sequence.Items,
            DictValue dict => dict.Keys,
            StringValue text => CodePoints.Of(text.Text).Select(point => new StringValue(point)),
            IteratorValue iterator => iterator.Rest(),
            UndefinedValue => [],
            _ => throw new TemplateException($"a {value.TypeName} cannot be iterated"),
        };
        return Counted(items, budget);
    }

    /// <summary>The elements as a list.</summary>
    public static List<Value> List(Value value, Budget budget) => [.. Items(value, budget)];

    /// <summary>Number of elements; code points of a string.</summary>
    /// <exception cref="TemplateException">The value has none, or they are not known before they are used.</exception>
    public static int Count(Value value, Budget budget)
    {
        switch (value)
        {
            case StringValue text:
                budget.Spend(text.Text.Length / 16);
                return CodePoints.Count(text.Text);
            case SequenceValue sequence:
                return sequence.Items.Count;
            case DictValue dict:
                return dict.Count;
            case UndefinedValue:
                return 0;
            default:
                throw new TemplateException($"a {value.TypeName} has no length");
        }
    }

    private static IEnumerable<Value> Counted(IEnumerable<Value> items, Budget budget)
    {
        foreach (Value item in items)
        {
            budget.Spend();
            yield return item;
        }
    }
}
