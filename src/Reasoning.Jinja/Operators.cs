using System.Text;

namespace Reasoning.Jinja;

/// <summary>Operators on values.</summary>
internal static class Operators
{
    public static Value Apply(BinaryOperator op, Value left, Value right, Budget budget)
    {
        if (left is UndefinedValue missing) throw missing.Used();
        if (right is UndefinedValue missingToo && !(op == BinaryOperator.Modulo && left is StringValue)) throw missingToo.Used();
        bool areNumbers = Numbers.Is(left) && Numbers.Is(right);
        return op switch
        {
            BinaryOperator.Add when areNumbers => Arithmetic(left, right, (a, b) => a + b, (a, b) => a + b),
            BinaryOperator.Add => Join(left, right, budget),
            BinaryOperator.Subtract when areNumbers => Arithmetic(left, right, (a, b) => a - b, (a, b) => a - b),
            BinaryOperator.Multiply when areNumbers => Arithmetic(left, right, (a, b) => a * b, (a, b) => a * b),
            BinaryOperator.Multiply when Numbers.Integer(right) is not null => Repeat(left, right, budget),
            BinaryOperator.Multiply when Numbers.Integer(left) is not null => Repeat(right, left, budget),
            BinaryOperator.Divide when areNumbers => Numbers.Divide(left, right),
            BinaryOperator.FloorDivide when areNumbers => Numbers.FloorDivide(left, right),
            BinaryOperator.Modulo when areNumbers => Numbers.Modulo(left, right),
            BinaryOperator.Modulo when left is StringValue format => Formatting.Apply(format.Text, right, budget),
            BinaryOperator.Power when areNumbers => Numbers.Power(left, right),
            _ => throw new TemplateException($"{Symbol(op)} does not work on {left.TypeName} and {right.TypeName}"),
        };
    }

    public static Value Negate(Value value) => value switch
    {
        UndefinedValue missing => throw missing.Used(),
        FloatValue number => new FloatValue(-number.Value),
        _ when Numbers.Integer(value) is { } number => new IntegerValue(-number),
        _ => throw new TemplateException($"- does not work on {value.TypeName}"),
    };

    public static Value Plus(Value value) => value switch
    {
        UndefinedValue missing => throw missing.Used(),
        FloatValue => value,
        _ when Numbers.Integer(value) is { } number => new IntegerValue(number),
        _ => throw new TemplateException($"+ does not work on {value.TypeName}"),
    };

    public static bool Holds(Comparison comparison, Value left, Value right, Budget budget)
    {
        switch (comparison)
        {
            case Comparison.Equal:
                return AreEqual(left, right, budget);
            case Comparison.NotEqual:
                return !AreEqual(left, right, budget);
            case Comparison.In:
                return Contains(right, left, budget);
            case Comparison.NotIn:
                return !Contains(right, left, budget);
        }
        int? order = Order(left, right, budget);
        return comparison switch
        {
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }

    public static bool AreEqual(Value left, Value right, Budget budget)
    {
        budget.Spend();
        switch (left, right)
        {
            case (StringValue a, StringValue b):
                budget.Spend(Math.Min(a.Text.Length, b.Text.Length) / 16);
                return string.Equals(a.Text, b.Text, StringComparison.Ordinal);
            case (UndefinedValue, UndefinedValue):
                return true;
            case (SequenceValue a, SequenceValue b):
                return a.Kind == b.Kind && a.Items.Count == b.Items.Count
                    && !a.Items.Where((item, i) => !AreEqual(item, b.Items[i], budget)).Any();
            case (DictValue a, DictValue b):
                return a.Count == b.Count
                    && a.Entries.All(entry => b.TryGet(entry.Key, out Value? other) && AreEqual(entry.Value, other, budget));
            default:
                return Numbers.Is(left) && Numbers.Is(right) ? Numbers.Compare(left, right) == 0 : ReferenceEquals(left, right);
        }
    }

    /// <summary>Negative, zero or positive; null where a number is not comparable, as NaN is not.</summary>
    /// <exception cref="TemplateException">The types have no order.</exception>
    public static int? Order(Value left, Value right, Budget budget)
    {
        budget.Spend();
        if (left is UndefinedValue missing) throw missing.Used();
        if (right is UndefinedValue missingToo) throw missingToo.Used();
        if (Numbers.Is(left) && Numbers.Is(right)) return Numbers.Compare(left, right);
        if (left is StringValue a && right is StringValue b)
        {
            budget.Spend(Math.Min(a.Text.Length, b.Text.Length) / 16);
            return CodePoints.Compare(a.Text, b.Text);
        }
        if (left is not SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } x || right is not SequenceValue y || x.Kind != y.Kind)
            throw new TemplateException($"{left.TypeName} and {right.TypeName} have no order");
        for (int i = 0; i < x.Items.Count && i < y.Items.Count; i++)
        {
            if (!AreEqual(x.Items[i], y.Items[i], budget)) return Order(x.Items[i], y.Items[i], budget);
        }
        return x.Items.Count.CompareTo(y.Items.Count);
    }

    public static bool Contains(Value container, Value item, Budget budget)
    {
        budget.Spend();
        switch (container)
        {
            case StringValue text:
                if (item is UndefinedValue missing) throw missing.Used();
                if (item is not StringValue part) throw new TemplateException($"'in' a str needs a str, not a {item.TypeName}");
                budget.Spend(text.Text.Length / 8);
                return text.Text.Contains(part.Text, StringComparison.Ordinal);
            case DictValue dict:
                return item is not SequenceValue { Kind: SequenceKind.Tuple } && dict.TryGet(item, out _);
            case SequenceValue sequence:
                return sequence.Items.Any(other => AreEqual(item, other, budget));
            case IteratorValue iterator:
                return iterator.Rest().Any(other => AreEqual(item, other, budget));
            case UndefinedValue:
                return false;
            default:
                throw new TemplateException($"'in' does not work on a {container.TypeName}");
        }
    }

    /// <summary>The texts of values, one after the other.</summary>
    public static StringValue Concat(IEnumerable<Value> values, Budget budget)
    {
        var text = new StringBuilder();
        foreach (Value value in values)
        {
            string part = PythonText.Of(value, budget);
            budget.Text(part.Length);
            text.Append(part);
        }
        return new StringValue(text.ToString());
    }

    private static Value Arithmetic(
        Value left, Value right, Func<System.Numerics.BigInteger, System.Numerics.BigInteger, System.Numerics.BigInteger> whole,
        Func<double, double, double> real)
    {
        if (Numbers.Integer(left) is { } a && Numbers.Integer(right) is { } b) return new IntegerValue(whole(a, b));
        return new FloatValue(real(Numbers.Float(left), Numbers.Float(right)));
    }

    private static Value Join(Value left, Value right, Budget budget)
    {
        if (left is StringValue a && right is StringValue b)
        {
            budget.Text((long)a.Text.Length + b.Text.Length);
            return new StringValue(a.Text + b.Text);
        }
        bool areAlike = left is SequenceValue x && right is SequenceValue y && x.Kind == y.Kind
            && x.Kind is SequenceKind.List or SequenceKind.Tuple;
        if (!areAlike) throw new TemplateException($"+ does not work on {left.TypeName} and {right.TypeName}");
        var first = (SequenceValue)left;
        var second = (SequenceValue)right;
        budget.Spend((long)first.Items.Count + second.Items.Count);
        return new SequenceValue(first.Kind, [.. first.Items, .. second.Items]);
    }

    private static Value Repeat(Value value, Value times, Budget budget)
    {
        long count = Math.Max(0, Numbers.Small(times, "a repetition"));
        if (value is StringValue text)
        {
            budget.Text(text.Text.Length * count);
            return new StringValue(new StringBuilder().Insert(0, text.Text, text.Text.Length == 0 ? 0 : (int)count).ToString());
        }
        if (value is not SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence)
            throw new TemplateException($"* does not work on {value.TypeName} and int");
        budget.Spend(sequence.Items.Count * count);
        if (sequence.Items.Count == 0) return value;
        return new SequenceValue(sequence.Kind, [.. Enumerable.Repeat(sequence.Items, (int)count).SelectMany(items => items)]);
    }

    private static string Symbol(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.FloorDivide => "//",
        BinaryOperator.Modulo => "%",
        _ => "**",
    };
}
