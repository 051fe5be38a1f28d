using Reasoning.Grading.Algebra;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>Builds equations, inequalities, chains and named results from their sides.</summary>
internal static class Relations
{
    public static Value? Make(List<Value> sides, List<string> operators, Budget budget)
    {
        int approximate = operators.IndexOf("≈");
        if (approximate >= 0)
        {
            // "x = 1/3 ≈ 0.33" says x = 1/3; "x ≈ 11" is all there is.
            if (operators.Count == 1 && NameOf(sides[0]) is { } only) return Named(only, sides[0], sides[1], budget);
            sides = sides[..(approximate + 1)];
            operators = operators[..approximate];
            if (operators.Count == 0) return sides[0];
        }
        if (operators.TrueForAll(op => op == "=")) return Equality(sides, budget);
        if (operators is ["∈"] && NameOf(sides[0]) is { } free && sides[1] is ScalarValue { Expression.Key: ['m', 'a', 't', 'h', 'b', 'b', ..] set })
            return new ConditionValue(free, set);
        if (operators is ["∈"])
            return NameOf(sides[0]) is { } name && sides[1] is CollectionValue ? new AssignmentValue(name, sides[1], null) : null;

        List<Value> parts = [];
        for (int i = 0; i < operators.Count; i++)
        {
            if (Relation(operators[i], sides[i], sides[i + 1], budget) is not { } part) return null;
            parts.Add(part);
        }
        return parts.Count == 1 ? parts[0] : new CollectionValue(CollectionKind.Conjunction, parts);
    }

    private static Value? Equality(List<Value> sides, Budget budget)
    {
        Value left = sides[0], right = sides[^1];
        if (NameOf(left) is { } name) return Named(name, left, right, budget);
        if (sides.Count > 2) return right; // a computation; its last member is the result
        return NameOf(right) is { } last ? Named(last, right, left, budget) : Relation("=", left, right, budget);
    }

    private static AssignmentValue? Named(string name, Value left, Value right, Budget budget)
    {
        var equation = Relation("=", left, right, budget) as RelationValue;
        // A name that is its own result, x = x, says nothing.
        return string.Equals(name, right.Key, StringComparison.Ordinal) ? null : new AssignmentValue(name, right, equation);
    }

    private static RelationValue? Relation(string op, Value left, Value right, Budget budget)
    {
        if (left is not ScalarValue { Unit: null } a || right is not ScalarValue { Unit: null } b) return null;
        bool isDirected = op is "<" or ">" or "≤" or "≥";
        if (op is ">" or "≥")
        {
            (a, b) = (b, a);
            op = op == ">" ? "<" : "≤";
        }
        // A constant difference is a statement about nothing; two of them must not look alike.
        if (Expression.Add(a.Expression, b.Expression.Negate(), budget) is not { Constant: null } difference) return null;
        if (!isDirected)
        {
            // y = 1/x and xy = 1: an equation says the same when multiplied by what is not zero.
            if (ClearDenominators(difference, budget) is not { } cleared) return null;
            difference = cleared;
        }
        Rational leading = difference.Numerator.Terms[^1].Coefficient;
        if (isDirected && leading.Sign < 0) leading = -leading;
        return new RelationValue(op, difference.Scale(leading.Inverse()));
    }

    private static Expression? ClearDenominators(Expression difference, Budget budget)
    {
        var lowest = new Dictionary<Atom, Rational>();
        foreach ((Monomial monomial, _) in difference.Numerator.Terms)
        {
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                if (exponent.Sign < 0 && (!lowest.TryGetValue(atom, out Rational least) || (exponent - least).Sign < 0)) lowest[atom] = exponent;
            }
        }
        Expression? cleared = Expression.Of(difference.Numerator);
        foreach ((Atom atom, Rational exponent) in lowest)
            cleared = cleared is null ? null : Expression.Multiply(cleared, Expression.OfAtom(atom, -exponent), budget);
        return cleared;
    }

    /// <summary>
    /// The key of a left side that only names a result: a symbol, a function value, |AB|, a product of capitals (a segment, an area), a
    /// tuple or ratio of such, or words. Null for anything that could be an unknown side of an equation.
    /// </summary>
    public static string? NameOf(Value value) => value switch
    {
        TextValue text => text.Key,
        ScalarValue { Unit: null, IsPercent: false } scalar when IsName(scalar.Expression) => scalar.Key,
        CollectionValue { Kind: CollectionKind.Bracketed, Brackets: "()" } or CollectionValue { Kind: CollectionKind.Ratio }
            when ((CollectionValue)value).Items.All(item => NameOf(item) is not null) => value.Key,
        _ => null,
    };

    // sin A of a triangle is a quantity that the problem names, |AB| a length; ln x = 2 and 2^x = 8 are equations.
    private static bool IsOfNamedAngle(Atom atom) =>
        atom.Function is "sin" or "cos" or "abs" && atom.Arguments[0].Key is [>= 'A' and <= 'Z' or '\\', ..];

    private static bool IsName(Expression expression)
    {
        if (!expression.Denominator.IsOne || expression.Numerator.Terms.Length != 1) return false;
        (Monomial monomial, Rational coefficient) = expression.Numerator.Terms[0];
        if (!coefficient.IsOne || monomial.IsOne) return false;
        bool capitals = true;
        foreach ((Atom atom, Rational exponent) in monomial.Factors)
        {
            bool isKnown = atom.IsReducible ? !IsOfNamedAngle(atom) : atom.Key is "π" or "e" or "∞";
            if (!exponent.IsOne || isKnown || (atom.Function is not null && !IsOfNamedAngle(atom))) return false;
            capitals &= char.IsAsciiLetterUpper(atom.Key[0]);
        }
        return capitals || monomial.Factors.Length == 1;
    }
}
