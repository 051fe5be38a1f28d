using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Values;

/// <summary>What a text was read as. Equal keys mean equal values; for different keys <see cref="ValueComparer"/> decides.</summary>
internal abstract record Value
{
    public abstract string Key { get; }
}

/// <summary>One expression, with what was written around it.</summary>
/// <param name="Expression">The exact value; 10 % is 1/10.</param>
/// <param name="Unit">Canonical unit, or null.</param>
/// <param name="IsPercent">Written with a percent sign.</param>
/// <param name="Place">For a decimal, what one unit of its last place is worth.</param>
/// <param name="IsLong">A decimal of ten significant digits or more.</param>
internal sealed record ScalarValue(Expression Expression, string? Unit = null, bool IsPercent = false, Rational? Place = null, bool IsLong = false) : Value
{
    // A unit is outside the key: "5 cm" and "5" are equal, "5 cm" and "5 m" are not, and only a comparison can tell.
    // A long decimal may stand for what it rounds, so it too has a key of its own.
    public override string Key => Expression.Key + (Unit is null ? "" : $" [{Unit}]") + (IsLong ? " ~" : "");
}

/// <summary>A number written in another base than ten; only the same digits in the same base are equal to it.</summary>
internal sealed record BasedValue(string Digits, string Base) : Value
{
    public override string Key { get; } = $"{Digits}_{Base}";
}

/// <summary>How the items of a <see cref="CollectionValue"/> belong together.</summary>
internal enum CollectionKind
{
    /// <summary>Separated by commas, semicolons, "and", "or", without brackets: unordered.</summary>
    List,

    /// <summary>In braces: unordered.</summary>
    Set,

    /// <summary>In brackets of any kind: a tuple, a point, an interval.</summary>
    Bracketed,

    /// <summary>a : b : c; equal to its multiples.</summary>
    Ratio,

    /// <summary>Hour and minute; the brackets hold "am", "pm" or nothing.</summary>
    Clock,

    /// <summary>A ∪ B: unordered.</summary>
    Union,

    /// <summary>A ∖ B.</summary>
    Difference,

    /// <summary>Relations that hold together, such as a &lt; x ≤ b: unordered.</summary>
    Conjunction,

    /// <summary>A matrix, row by row; the brackets hold its width.</summary>
    Matrix,
}

/// <summary>Several values.</summary>
/// <param name="Kind">What the grouping means.</param>
/// <param name="Items">In written order.</param>
/// <param name="Brackets">For <see cref="CollectionKind.Bracketed"/> the two brackets; for a matrix its number of columns.</param>
internal sealed record CollectionValue(CollectionKind Kind, IReadOnlyList<Value> Items, string Brackets = "") : Value
{
    public bool IsUnordered => Kind is CollectionKind.List or CollectionKind.Set or CollectionKind.Union or CollectionKind.Conjunction;

    public override string Key { get; } = MakeKey(Kind, Items, Brackets);

    // In a set order and repetition leave no trace. A list keeps them, as a tuple beside it is compared in order.
    private static string MakeKey(CollectionKind kind, IReadOnlyList<Value> items, string brackets)
    {
        IEnumerable<string> keys = items.Select(item => item.Key);
        if (kind is CollectionKind.Set or CollectionKind.Union or CollectionKind.Conjunction)
            keys = keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return $"{kind}{brackets}<{string.Join(" ; ", keys)}>";
    }
}

/// <summary><paramref name="Difference"/> <paramref name="Operator"/> 0, scaled so that the first coefficient is one.</summary>
internal sealed record RelationValue(string Operator, Expression Difference) : Value
{
    public override string Key { get; } = $"{Difference.Key} {Operator} 0";
}

/// <summary>A named result: x = 5, f(x) = 2x, (p, q) = (1, 2), x ∈ [0, 1).</summary>
/// <param name="Name">Canonical left side.</param>
/// <param name="Right">What the name stands for.</param>
/// <param name="Equation">The same as an equation, where both sides are expressions.</param>
internal sealed record AssignmentValue(string Name, Value Right, RelationValue? Equation) : Value
{
    public override string Key { get; } = $"{Name} := {Right.Key}";
}

/// <summary>What a symbol ranges over: k ∈ ℤ. Beside other items it becomes part of them.</summary>
internal sealed record ConditionValue(string Name, string Set) : Value
{
    public override string Key { get; } = $"{Name} in {Set}";
}

/// <summary>The values that <paramref name="Body"/> takes while a symbol ranges over a set.</summary>
internal sealed record FamilyValue(Value Body, string Name, Range Range) : Value
{
    public override string Key { get; } = $"{Body.Key} for {Name} in {Range}";
}

/// <summary>A lettered choice with what it chooses: "(B) 12".</summary>
internal sealed record ChoiceValue(string Letter, Value Rest) : Value
{
    public override string Key { get; } = $"({Letter}) {Rest.Key}";
}

/// <summary>Words, compared without regard to case, spacing and closing punctuation.</summary>
/// <param name="Text">The words in lower case.</param>
/// <param name="Product">A single short word as the product of its letters, which it may have been meant as.</param>
internal sealed record TextValue(string Text, Expression? Product = null) : Value
{
    public override string Key { get; } = "\"" + Text + "\"";
}
