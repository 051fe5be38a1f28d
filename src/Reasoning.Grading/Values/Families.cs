using System.Numerics;
using System.Text.RegularExpressions;
using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;

namespace Reasoning.Grading.Values;

/// <summary>Answers with a symbol that ranges over a set: kπ with k ∈ ℤ. They are compared by the values they take.</summary>
internal static class Families
{
    private const int FarthestShift = 3;

    // Letters that stand for integers where nothing is said.
    private const string Integers = "klmnj";

    /// <summary>The items with their conditions attached; null when a condition is about nothing in them.</summary>
    public static List<Value>? Build(List<Value> items, Budget budget)
    {
        if (items.Count < 2) return items;
        var bodies = new List<Value>();
        var ranges = new List<(string Name, Range Range)>();
        foreach (Value item in items)
        {
            if (RangeOf(item) is { } range && (item is ConditionValue || bodies.Exists(body => Mentions(body, range.Name)))) ranges.Add(range);
            else bodies.Add(item);
        }
        if (ranges.Count == 0) return items;
        if (bodies.Count == 0) return items;
        foreach (IGrouping<string, (string Name, Range Range)> about in ranges.GroupBy(range => range.Name, StringComparer.Ordinal))
        {
            if (!bodies.Exists(body => Mentions(body, about.Key))) return null;
            Range range = about.Select(pair => pair.Range).Aggregate(Range.Meet);
            for (int i = 0; i < bodies.Count; i++)
            {
                if (Mentions(bodies[i], about.Key)) bodies[i] = new FamilyValue(bodies[i], about.Key, range.Of(about.Key));
            }
        }
        budget.Note(Rulebook.Conditions);
        return bodies;
    }

    /// <summary>Whether two families take the same values; a bare expression is taken over the range of the other side.</summary>
    public static bool AreEqual(Value a, Value b, Budget budget)
    {
        if (a is not FamilyValue) (a, b) = (b, a);
        if (b is AssignmentValue { Right: FamilyValue inner }) b = inner;
        var x = (FamilyValue)a;
        budget.Note(Rulebook.Conditions);
        if (b is FamilyValue y) return x.Range.HasShapeOf(y.Range) && Agree(x.Body, y.Body, x.Name, y.Name, x.Range, y.Range, budget);
        if (Agree(x.Body, b, x.Name, x.Name, x.Range, x.Range, budget)) return true;
        return x.Range.IsInteger && Integers.Any(letter => $"{letter}" != x.Name && Mentions(b, $"{letter}") && !Mentions(x.Body, $"{letter}")
            && !Mentions(b, x.Name) && Agree(x.Body, b, x.Name, $"{letter}", x.Range, x.Range, budget));
    }

    private static bool Agree(Value a, Value b, string left, string right, Range ofLeft, Range ofRight, Budget budget)
    {
        Expression name = Expression.Symbol(left);
        bool isEveryInteger = ofLeft is { IsInteger: true, From: null, Rest: "" };
        BigInteger shift = ofLeft.From is { } from && ofRight.From is { } other ? other - from : 0;
        if (!isEveryInteger) return Matches(1, shift);
        // ℤ looks the same from every integer, in both directions: a + bk and c ± bk differ by a whole number of steps.
        for (int sign = 1; sign >= -1; sign -= 2)
        {
            for (int step = 0; step <= FarthestShift; step++)
            {
                if (Matches(sign, step) || (step > 0 && Matches(sign, -step))) return true;
            }
        }
        return false;

        bool Matches(int sign, BigInteger step) => budget.Spend(8)
            && Expression.Add(name.Scale(new Rational(sign)), Expression.Of(new Rational(step)), budget) is { } moved
            && Substitute(b, right, moved, budget) is { } seen && ValueComparer.AreEqual(a, seen, budget);
    }

    private static Value? Substitute(Value value, string symbol, Expression by, Budget budget)
    {
        switch (value)
        {
            case ScalarValue scalar:
                return scalar.Expression.Substitute(symbol, by, budget) is { } expression ? scalar with { Expression = expression } : null;
            case AssignmentValue assignment:
                return Substitute(assignment.Right, symbol, by, budget) is { } right ? new AssignmentValue(assignment.Name, right, null) : null;
            case CollectionValue collection:
                var items = new List<Value>();
                foreach (Value item in collection.Items)
                {
                    if (Substitute(item, symbol, by, budget) is not { } moved) return null;
                    items.Add(moved);
                }
                return new CollectionValue(collection.Kind, items, collection.Brackets);
            default:
                return Mentions(value, symbol) ? null : value;
        }
    }

    private static (string Name, Range Range)? RangeOf(Value item) => item switch
    {
        ConditionValue condition => (condition.Name, Range.Over(condition.Set)),
        RelationValue relation when Bound(relation) is { } bound => bound,
        RelationValue { Difference.Numerator: var sides } relation when Lone(sides) is { } name => (name, Range.Where(relation.Key)),
        CollectionValue { Kind: CollectionKind.Conjunction } chain when chain.Items.All(part => part is RelationValue { Difference.Numerator: var sides } && Lone(sides) is not null)
            => (Lone(((RelationValue)chain.Items[0]).Difference.Numerator)!, Range.Where(chain.Key)),
        AssignmentValue { Equation: null, Right: CollectionValue right } member => (member.Name, Range.Where(right.Key)),
        _ => null,
    };

    // n ≥ 2, n > 1: a lowest value.
    private static (string Name, Range Range)? Bound(RelationValue relation)
    {
        if (relation.Operator is not ("≤" or "<") || Lone(relation.Difference.Numerator) is not { } name) return null;
        Rational slope = Rational.Zero, rest = Rational.Zero;
        foreach ((Monomial monomial, Rational coefficient) in relation.Difference.Numerator.Terms)
        {
            if (monomial.IsOne) rest = coefficient;
            else slope = coefficient;
        }
        if (slope.Sign >= 0 || relation.Difference.Numerator.Terms is not ([_] or [_, _]) || !relation.Difference.Numerator.Key.EndsWith($"*{name}", StringComparison.Ordinal)) return null;
        Rational low = rest * (-slope).Inverse();
        if (!low.IsInteger || (relation.Operator == "<" && !Integers.Contains(name, StringComparison.Ordinal))) return null;
        return (name, new Range("", low.Numerator + (relation.Operator == "<" ? 1 : 0)));
    }

    // The only symbol of a polynomial.
    private static string? Lone(Polynomial polynomial)
    {
        string? name = null;
        foreach ((Monomial monomial, _) in polynomial.Terms)
        {
            foreach ((Atom atom, _) in monomial.Factors)
            {
                if (atom.IsConstant) continue;
                if (atom.Function is not null || atom.Base is not null || (name is not null && name != atom.Key)) return null;
                name = atom.Key;
            }
        }
        return name;
    }

    private static bool Mentions(Value value, string name) => value switch
    {
        ScalarValue scalar => scalar.Expression.Mentions(name),
        AssignmentValue assignment => Mentions(assignment.Right, name),
        FamilyValue family => Mentions(family.Body, name),
        CollectionValue { Kind: not CollectionKind.Conjunction } collection => collection.Items.Any(item => Mentions(item, name)),
        RelationValue { Operator: "=" } relation => relation.Difference.Mentions(name),
        _ => false,
    };
}

/// <summary>What a symbol ranges over.</summary>
/// <param name="Set">The name of a set; empty where none is named.</param>
/// <param name="From">The least integer, where there is one.</param>
/// <param name="Rest">Further conditions.</param>
internal sealed record Range(string Set, BigInteger? From = null, string Rest = "")
{
    public bool IsInteger => Set == "ℤ";

    public static Range Over(string set) => set switch
    {
        "mathbb⟨Z⟩" => new("ℤ"),
        "mathbb⟨N⟩" => new("ℤ", 0),
        "mathbb⟨Z⟩+" or "mathbb⟨N⟩+" => new("ℤ", 1),
        _ => new(set),
    };

    public static Range Where(string condition) => new("", null, condition);

    public static Range Meet(Range a, Range b) => new(
        a.Set.Length > 0 ? a.Set : b.Set,
        a.From is { } x && b.From is { } y ? BigInteger.Max(x, y) : a.From ?? b.From,
        a.Rest.Length == 0 || b.Rest.Length == 0 || a.Rest == b.Rest ? a.Rest + b.Rest : string.Join(" and ", new[] { a.Rest, b.Rest }.Order(StringComparer.Ordinal)));

    /// <summary>With letters that stand for integers taken so, and the symbol's name gone from the conditions.</summary>
    public Range Of(string name) => this with
    {
        Set = Set.Length == 0 && From is not null && name is "k" or "l" or "m" or "n" or "j" ? "ℤ" : Set,
        Rest = Regex.Replace(Rest, $@"(?<![\w\\]){Regex.Escape(name)}(?!\w)", "·"),
    };

    /// <summary>Equal but for where it starts.</summary>
    public bool HasShapeOf(Range other) => Set == other.Set && Rest == other.Rest && From is null == other.From is null;

    public override string ToString() => $"{Set}{(From is { } low ? $" from {low}" : "")}{(Rest.Length > 0 ? $" where {Rest}" : "")}";
}
