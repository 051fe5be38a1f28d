using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;
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
        if (operators is ["∈"])
        {
            if (NameOf(sides[0]) is not { } name) return null;
            if (sides[1] is ScalarValue { Expression.Key: "Z" or "N" or "Q" } letter) return new ConditionValue(name, $"mathbb⟨{letter.Key}⟩");
            if (sides[1] is ScalarValue { Expression.Key: ['m', 'a', 't', 'h', 'b', 'b', ..] set }) return new ConditionValue(name, set);
            return sides[1] is CollectionValue or FamilyValue ? new AssignmentValue(name, sides[1], null) : null;
        }

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
        string? name = NameOf(left);
        if (sides.Count > (name is null ? 1 : 2) && Same(sides[^2], right, budget) is { } exact) right = exact;
        if (name is not null)
        {
            budget.Note(Rulebook.Names);
            return Named(name, left, right, budget);
        }
        if (sides.Count > 2 || !ReferenceEquals(right, sides[^1]) || Same(left, right, budget) is not null) return right; // a computation and its result
        return NameOf(right) is { } last ? Named(last, right, left, budget) : Relation("=", left, right, budget);
    }

    // The exact one of two that are the same number: of 1/3 = 0.333 the first.
    public static ScalarValue? Same(Value a, Value b, Budget budget)
    {
        if (a is not ScalarValue { Expression.IsConstant: true } x || b is not ScalarValue { Expression.IsConstant: true } y) return null;
        budget.Note(Rulebook.Chains);
        if (ValueComparer.AreEqual(x with { Place = null }, y, budget)) return x;
        if (y.Place is { } place && NumericAgreement.Rounds(y.Expression, x.Expression, place, budget)) return x;
        return x.Place is { } other && NumericAgreement.Rounds(x.Expression, y.Expression, other, budget) ? y : null;
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
        var lowest = new Dictionary<string, (Atom Atom, Rational Exponent)>(StringComparer.Ordinal);
        foreach ((Monomial monomial, _) in difference.Numerator.Terms)
        {
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                if (exponent.Sign < 0 && (!lowest.TryGetValue(atom.Key, out (Atom, Rational Exponent) least) || (exponent - least.Exponent).Sign < 0))
                    lowest[atom.Key] = (atom, exponent);
            }
        }
        Expression? cleared = Expression.Of(difference.Numerator);
        foreach ((Atom atom, Rational exponent) in lowest.Values)
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
        atom.Function is "det" or "gcd" or "lcm" or "max" or "min" || atom.Function is "sin" or "cos" or "abs" && atom.Arguments[0].Key is [>= 'A' and <= 'Z' or '\\' or '∠', ..];

    // One symbol; or lengths and angles in any product, quotient or sum (NO/BO, AB + CD), told by their capitals.
    private static bool IsName(Expression expression)
    {
        if (!expression.Denominator.IsOne || expression.Numerator.IsZero) return false;
        ReadOnlySpan<(Monomial Monomial, Rational Coefficient)> terms = expression.Numerator.Terms;
        if (terms.Length == 1 && terms[0].Coefficient.IsOne && terms[0].Monomial.Factors is [var (lone, power)] && power.IsOne)
            return !(lone.IsReducible || lone.Function is not null || lone.Key is "π" or "e" or "∞") || IsOfNamedAngle(lone);
        foreach ((Monomial monomial, Rational coefficient) in terms)
        {
            Rational degree = Rational.Zero;
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                bool isQuantity = IsOfNamedAngle(atom) || (atom.Function is null && !atom.IsReducible && atom.Key[0] is >= 'A' and <= 'Z' or '∠');
                if (!isQuantity || !exponent.IsInteger) return false;
                degree += new Rational(exponent.Sign < 0 || IsOfNamedAngle(atom) || atom.Key[0] == '∠' ? 2 : 1);
            }
            // One capital may be an unknown; two side by side are a segment.
            if (!coefficient.IsInteger || (terms.Length > 1 && (degree - Rational.One).Sign <= 0) || monomial.IsOne) return false;
            if (terms.Length == 1 && !coefficient.IsOne) return false;
        }
        return true;
    }
}
