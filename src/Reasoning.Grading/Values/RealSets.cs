using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Values;

/// <summary>
/// Sets of real numbers in a normal form, so that −2 ≤ x ≤ 7 equals x ∈ [−2, 7] and x &lt; 1 or x &gt; 3 equals (−∞, 1) ∪ (3, ∞).
/// A pair of round brackets is an interval only where the other answer is an inequality, a union or a difference.
/// </summary>
internal static class RealSets
{
    // No symbol is called so: it marks that two different ones were met.
    private const string OtherName = "";

    /// <summary>Whether two values are the same set of reals; null when they are not both sets, or a comparison of items decides as well.</summary>
    public static bool? Decide(Value a, Value b, Budget budget)
    {
        if (!(IsTelling(a) || IsTelling(b)) || !MayBeSet(a) || !MayBeSet(b)) return null;
        string? name = null;
        if (Of(a, ref name, budget) is not { } left || Of(b, ref name, budget) is not { } right) return name == OtherName ? false : null;
        if (left.Count != right.Count) return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (!left[i].SameAs(right[i], budget)) return false;
        }
        return true;
    }

    // What can be nothing but a set or a statement about one symbol.
    private static bool IsTelling(Value value) => value switch
    {
        RelationValue { Operator: not "=" } => true,
        CollectionValue { Kind: CollectionKind.Union or CollectionKind.Difference or CollectionKind.Conjunction } => true,
        CollectionValue { Kind: CollectionKind.List } list => list.Items.All(IsTelling),
        AssignmentValue assignment => assignment.Equation is null && IsTelling(assignment.Right),
        _ => false,
    };

    private static bool MayBeSet(Value value) => value switch
    {
        CollectionValue { Kind: CollectionKind.Bracketed, Items.Count: 2 } or CollectionValue { Kind: CollectionKind.Set } => true,
        AssignmentValue { Equation: null } assignment => MayBeSet(assignment.Right),
        _ => IsTelling(value),
    };

    /// <summary>Disjoint intervals in rising order; null for what is no set of reals in one symbol.</summary>
    private static List<Interval>? Of(Value value, ref string? name, Budget budget)
    {
        if (!budget.Spend(4)) return null;
        switch (value)
        {
            case AssignmentValue { Equation: null } assignment:
                return IsSameName(assignment.Name, ref name) ? Of(assignment.Right, ref name, budget) : null;
            case RelationValue relation:
                return Solve(relation, ref name, budget);
            case CollectionValue { Kind: CollectionKind.Bracketed, Items: [ScalarValue low, ScalarValue high] } pair:
                var interval = new Interval(End.Of(low), pair.Brackets[0] == '[', End.Of(high), pair.Brackets[1] == ']');
                return End.Order(interval.Low, interval.High, budget) < 0 ? [interval] : null;
            case CollectionValue { Kind: CollectionKind.Set } set:
                var points = new List<Interval>();
                foreach (Value item in set.Items)
                {
                    if (item is not ScalarValue { Unit: null } point) return null;
                    points.Add(new Interval(new End(point.Expression), true, new End(point.Expression), true));
                }
                return Merge(points, budget);
            case CollectionValue { Kind: CollectionKind.Union } union:
                return Parts(union, ref name, budget) is { } parts ? Merge([.. parts.SelectMany(part => part)], budget) : null;
            case CollectionValue { Kind: CollectionKind.Conjunction } conjunction:
                return Parts(conjunction, ref name, budget) is { } bounds ? Intersection(bounds, budget) : null;
            case CollectionValue { Kind: CollectionKind.Difference, Items: [var whole, var removed] }:
                return Of(whole, ref name, budget) is { } from && Of(removed, ref name, budget) is { } what && Complement(what, budget) is { } rest
                    ? Intersection([from, rest], budget)
                    : null;
            case CollectionValue { Kind: CollectionKind.List } list:
                // "and" and "or" read alike. Parts that meet can only be meant together; parts that do not, as alternatives.
                if (Parts(list, ref name, budget) is not { } statements || Intersection(statements, budget) is not { } common) return null;
                if (common.Count == 0) return Merge([.. statements.SelectMany(part => part)], budget);
                return Merge([.. statements.SelectMany(part => part)], budget) is [{ Low.Infinite: < 0, High.Infinite: > 0 }] ? common : null;
            default:
                return null;
        }
    }

    private static List<List<Interval>>? Parts(CollectionValue collection, ref string? name, Budget budget)
    {
        var parts = new List<List<Interval>>();
        foreach (Value item in collection.Items)
        {
            if (Of(item, ref name, budget) is not { } part) return null;
            parts.Add(part);
        }
        return parts;
    }

    private static bool IsSameName(string found, ref string? name)
    {
        name ??= found;
        if (!string.Equals(name, found, StringComparison.Ordinal)) name = OtherName;
        return name != OtherName;
    }

    // c·x + d with a constant d, compared with 0.
    private static List<Interval>? Solve(RelationValue relation, ref string? name, Budget budget)
    {
        if (!relation.Difference.Denominator.IsOne) return null;
        Expression? rest = Expression.Of(Rational.Zero);
        Rational? slope = null;
        foreach ((Monomial monomial, Rational coefficient) in relation.Difference.Numerator.Terms)
        {
            if (monomial.IsConstant)
            {
                rest = rest is null ? null : Expression.Add(rest, Expression.Of(Polynomial.Of(coefficient, monomial)), budget);
                continue;
            }
            bool isSymbol = monomial.Factors is [{ Exponent.IsOne: true, Atom: { IsReducible: false, Function: null } }] && slope is null;
            if (!isSymbol || !IsSameName(monomial.Key, ref name)) return null;
            slope = coefficient;
        }
        if (slope is not { } factor || rest is null) return null;
        var point = new End(rest.Scale(-factor.Inverse()));
        End low = new(null, -1), high = new(null, 1);
        bool closed = relation.Operator == "≤";
        return relation.Operator switch
        {
            "≠" => [new(low, false, point, false), new(point, false, high, false)],
            "<" or "≤" => factor.Sign > 0 ? [new(low, false, point, closed)] : [new(point, closed, high, false)],
            "=" => [new(point, true, point, true)],
            _ => null,
        };
    }

    private static List<Interval>? Merge(List<Interval> parts, Budget budget)
    {
        var merged = new List<Interval>();
        while (parts.Count > 0)
        {
            int first = 0;
            for (int i = 1; i < parts.Count; i++)
            {
                if (End.Order(parts[i].Low, parts[first].Low, budget) is not { } order) return null;
                if (order < 0 || (order == 0 && parts[i].LowClosed && !parts[first].LowClosed)) first = i;
            }
            Interval next = parts[first];
            parts.RemoveAt(first);
            if (merged.Count > 0)
            {
                Interval last = merged[^1];
                if (End.Order(next.Low, last.High, budget) is not { } gap || End.Order(next.High, last.High, budget) is not { } reach) return null;
                if (gap < 0 || (gap == 0 && (next.LowClosed || last.HighClosed)))
                {
                    bool isClosed = reach > 0 ? next.HighClosed : reach < 0 ? last.HighClosed : next.HighClosed || last.HighClosed;
                    merged[^1] = last with { High = reach > 0 ? next.High : last.High, HighClosed = isClosed };
                    continue;
                }
            }
            merged.Add(next);
        }
        return merged;
    }

    private static List<Interval>? Complement(List<Interval> parts, Budget budget)
    {
        if (Merge([.. parts], budget) is not { } merged) return null;
        var gaps = new List<Interval>();
        (End low, bool closed) = (new End(null, -1), false);
        foreach (Interval part in merged)
        {
            var gap = new Interval(low, closed, part.Low, !part.LowClosed && part.Low.Infinite == 0);
            if (!gap.IsEmpty(budget)) gaps.Add(gap);
            (low, closed) = (part.High, !part.HighClosed);
        }
        if (low.Infinite <= 0) gaps.Add(new Interval(low, closed && low.Infinite == 0, new End(null, 1), false));
        return gaps;
    }

    // De Morgan.
    private static List<Interval>? Intersection(List<List<Interval>> parts, Budget budget)
    {
        var outside = new List<Interval>();
        foreach (List<Interval> part in parts)
        {
            if (Complement(part, budget) is not { } complement) return null;
            outside.AddRange(complement);
        }
        return Complement(outside, budget);
    }

    /// <summary>An end of an interval: a number, or −∞ or +∞.</summary>
    private sealed record End(Expression? Value, int Infinite = 0, ScalarValue? Written = null)
    {
        public static End Of(ScalarValue value)
        {
            if (value.Expression.Key is "∞") return new End(null, 1);
            if (value.Expression.Key is "-1*∞") return new End(null, -1);
            return new End(value.Expression, 0, value);
        }

        public static int? Order(End a, End b, Budget budget)
        {
            if (a.Infinite != 0 || b.Infinite != 0) return a.Infinite.CompareTo(b.Infinite);
            if (a.Value is null || b.Value is null) return null;
            if (Expression.AreEqual(a.Value, b.Value, budget)) return 0;
            ScalarValue x = a.Written ?? new ScalarValue(a.Value), y = b.Written ?? new ScalarValue(b.Value);
            if (ValueComparer.Rounds(x, y, budget) || ValueComparer.Rounds(y, x, budget)) return 0;
            return a.Value.IsConstant && b.Value.IsConstant ? NumericAgreement.Order(a.Value, b.Value, budget) : null;
        }
    }

    private sealed record Interval(End Low, bool LowClosed, End High, bool HighClosed)
    {
        public bool SameAs(Interval other, Budget budget) => LowClosed == other.LowClosed && HighClosed == other.HighClosed
            && End.Order(Low, other.Low, budget) == 0 && End.Order(High, other.High, budget) == 0;

        public bool IsEmpty(Budget budget)
        {
            int? order = End.Order(Low, High, budget);
            return order > 0 || (order == 0 && !(LowClosed && HighClosed));
        }
    }
}
