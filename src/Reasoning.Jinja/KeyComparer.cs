using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>Equality of keys as in Python: 1, 1.0 and true are one key. Sequences and objects are no keys here.</summary>
internal sealed class KeyComparer : IEqualityComparer<Value>
{
    public static readonly KeyComparer Instance = new();

    /// <summary>Whether a value can be a key.</summary>
    public static bool CanBeKey(Value value) => value is StringValue or NoneValue || Numbers.Is(value);

    public bool Equals(Value? x, Value? y) => (x, y) switch
    {
        (StringValue a, StringValue b) => string.Equals(a.Text, b.Text, StringComparison.Ordinal),
        _ when Numbers.Is(x!) && Numbers.Is(y!) => Numbers.Compare(x!, y!) == 0,
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode(Value obj) => obj switch
    {
        StringValue text => string.GetHashCode(text.Text, StringComparison.Ordinal),
        NoneValue => 0,
        FloatValue { Value: var number } when number == Math.Floor(number) && double.IsFinite(number) => new BigInteger(number).GetHashCode(),
        FloatValue number => number.Value.GetHashCode(),
        _ when Numbers.Integer(obj) is { } number => number.GetHashCode(),
        _ => throw new TemplateException($"a {obj.TypeName} cannot be a key"),
    };
}
