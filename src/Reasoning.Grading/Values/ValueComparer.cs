using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;

namespace Reasoning.Grading.Values;

/// <summary>Decides whether two values are the same. Symmetric; when in doubt, or out of budget, it says no.</summary>
internal static class ValueComparer
{
    public static bool AreEqual(Value a, Value b, Budget budget)
    {
        if (!budget.Spend(1)) return false;
        if (string.Equals(a.Key, b.Key, StringComparison.Ordinal)) return true;
        if (RealSets.Decide(a, b, budget) is { } isSameSet)
        {
            budget.Note(Rulebook.Intervals);
            return isSameSet;
        }
        if (RuleFor(a, b) is { } rule) budget.Note(rule);
        return (a, b) switch
        {
            (FamilyValue, _) or (_, FamilyValue) => Families.AreEqual(a, b, budget),
            (ChoiceValue x, ChoiceValue y) => x.Letter == y.Letter && AreEqual(x.Rest, y.Rest, budget),
            (ChoiceValue x, _) => IsLetter(b, x.Letter) || AreEqual(x.Rest, b, budget),
            (_, ChoiceValue y) => IsLetter(a, y.Letter) || AreEqual(a, y.Rest, budget),
            (ScalarValue x, ScalarValue y) => Scalars(x, y, budget),
            (CollectionValue x, CollectionValue y) => Collections(x, y, budget),
            (RelationValue x, RelationValue y) => Relations(x, y, budget),
            (AssignmentValue x, AssignmentValue y) => Assignments(x, y, budget),
            (TextValue { Product: { } x }, ScalarValue { Unit: null } y) => Expression.AreEqual(x, y.Expression, budget),
            (ScalarValue { Unit: null } x, TextValue { Product: { } y }) => Expression.AreEqual(x.Expression, y, budget),
            (AssignmentValue { Equation: { } x }, RelationValue y) => Relations(x, y, budget),
            (RelationValue x, AssignmentValue { Equation: { } y }) => Relations(x, y, budget),
            (AssignmentValue, RelationValue) or (RelationValue, AssignmentValue) => false,
            (AssignmentValue x, _) => AreEqual(x.Right, b, budget),
            (_, AssignmentValue y) => AreEqual(a, y.Right, budget),
            _ => false,
        };
    }

    private static Rule? RuleFor(Value a, Value b) => (a, b) switch
    {
        (ChoiceValue, _) or (_, ChoiceValue) => Rulebook.Choices,
        (RelationValue, _) or (_, RelationValue) => Rulebook.Equations,
        (AssignmentValue, _) or (_, AssignmentValue) => Rulebook.Names,
        (CollectionValue { Kind: CollectionKind.Matrix }, _) or (_, CollectionValue { Kind: CollectionKind.Matrix }) => Rulebook.Matrices,
        (CollectionValue { Kind: CollectionKind.Clock }, _) => Rulebook.Times,
        (CollectionValue, CollectionValue) => Rulebook.Collections,
        (TextValue, TextValue) => Rulebook.Words,
        _ => null,
    };

    private static bool IsLetter(Value value, string letter) => value is ScalarValue { Unit: null } scalar && scalar.Key == letter;

    private static bool Scalars(ScalarValue a, ScalarValue b, Budget budget)
    {
        if (IsAngle(a, b) || IsAngle(b, a))
        {
            (ScalarValue degrees, ScalarValue radians) = a.Unit == "°" ? (a, b) : (b, a);
            Expression halfTurns = radians.Expression.Scale(new Rational(180));
            return Expression.Multiply(degrees.Expression, Expression.Symbol("π"), budget) is { } angle && Expression.AreEqual(angle, halfTurns, budget);
        }

        bool unitsAgree = a.Unit is null || b.Unit is null || string.Equals(a.Unit, b.Unit, StringComparison.Ordinal);
        if (!unitsAgree) return false;
        if (a.Unit != b.Unit) budget.Note(Rulebook.Units);
        return Expression.AreEqual(a.Expression, b.Expression, budget) || Rounds(a, b, budget) || Rounds(b, a, budget);
    }

    /// <summary>Whether a long decimal rounds the other value.</summary>
    public static bool Rounds(ScalarValue value, ScalarValue exact, Budget budget)
    {
        if (!value.IsLong || !NumericAgreement.Rounds(value.Expression, exact.Expression, value.Place!.Value, budget)) return false;
        budget.Note(Rulebook.Rounding);
        return true;
    }

    // 30° against a multiple of π, which can only be meant in radians.
    private static bool IsAngle(ScalarValue degrees, ScalarValue radians) =>
        degrees.Unit == "°" && radians.Unit is null && radians.Expression.Constant is null && radians.Expression.Key.Contains('π', StringComparison.Ordinal);

    private static bool Relations(RelationValue a, RelationValue b, Budget budget) =>
        string.Equals(a.Operator, b.Operator, StringComparison.Ordinal) && Expression.AreEqual(a.Difference, b.Difference, budget);

    private static bool Assignments(AssignmentValue a, AssignmentValue b, Budget budget)
    {
        if (string.Equals(a.Name, b.Name, StringComparison.Ordinal) && AreEqual(a.Right, b.Right, budget)) return true;
        return a.Equation is { } x && b.Equation is { } y && Relations(x, y, budget);
    }

    private static bool Collections(CollectionValue a, CollectionValue b, Budget budget)
    {
        bool areRatios = a.Kind is CollectionKind.Ratio or CollectionKind.Clock && b.Kind is CollectionKind.Ratio or CollectionKind.Clock;
        if (a.Kind == b.Kind && a.Kind == CollectionKind.Clock) return Clock.AreEqual(a, b);
        if (areRatios) return Ratios(a.Items, b.Items, budget);
        if (a.Kind == b.Kind && a.Kind is not CollectionKind.List)
        {
            if (!string.Equals(a.Brackets, b.Brackets, StringComparison.Ordinal)) return false;
            return a.IsUnordered ? SameSet(a.Items, b.Items, budget) : SameSequence(a.Items, b.Items, budget);
        }
        return (a.Kind, b.Kind) switch
        {
            (CollectionKind.List, CollectionKind.List) => NamesOnOneSideOnly(a, b)
                ? SameSequence(a.Items, b.Items, budget)
                : SameSet(a.Items, b.Items, budget),
            (CollectionKind.List, CollectionKind.Set) or (CollectionKind.Set, CollectionKind.List) => SameSet(a.Items, b.Items, budget),
            (CollectionKind.Matrix, CollectionKind.Bracketed) => IsVector(a, b) && SameSequence(a.Items, b.Items, budget),
            (CollectionKind.Bracketed, CollectionKind.Matrix) => IsVector(b, a) && SameSequence(a.Items, b.Items, budget),
            (CollectionKind.List, CollectionKind.Bracketed) => b.Brackets == "()" && SameSequence(a.Items, b.Items, budget),
            (CollectionKind.Bracketed, CollectionKind.List) => a.Brackets == "()" && SameSequence(a.Items, b.Items, budget),
            _ => false,
        };
    }

    // A matrix of one column or one row is the vector that others write as (a, b, c).
    private static bool IsVector(CollectionValue matrix, CollectionValue tuple) =>
        tuple.Brackets == "()" && (matrix.Brackets == "1" || matrix.Brackets == $"{matrix.Items.Count}");

    // a : b : c is a multiple of d : e : f when all cross products with the first parts agree.
    private static bool Ratios(IReadOnlyList<Value> a, IReadOnlyList<Value> b, Budget budget)
    {
        if (a.Count != b.Count) return false;
        if (a[0] is not ScalarValue { Unit: null } first || b[0] is not ScalarValue { Unit: null } other) return SameSequence(a, b, budget);
        if (first.Expression.Numerator.IsZero || other.Expression.Numerator.IsZero) return SameSequence(a, b, budget);
        for (int i = 1; i < a.Count; i++)
        {
            if (a[i] is not ScalarValue { Unit: null } x || b[i] is not ScalarValue { Unit: null } y) return false;
            if (Expression.Multiply(x.Expression, other.Expression, budget) is not { } left
                || Expression.Multiply(y.Expression, first.Expression, budget) is not { } right
                || !Expression.AreEqual(left, right, budget))
            {
                return false;
            }
        }
        return true;
    }

    // "a = 1, b = 2" against "1, 2": without names only the order says which is which.
    private static bool NamesOnOneSideOnly(CollectionValue a, CollectionValue b)
    {
        int left = Names(a), right = Names(b);
        return (left > 1 && right == 0) || (right > 1 && left == 0);
    }

    private static int Names(CollectionValue list) =>
        list.Items.OfType<AssignmentValue>().Select(item => item.Name).Distinct(StringComparer.Ordinal).Count();

    private static bool SameSequence(IReadOnlyList<Value> a, IReadOnlyList<Value> b, Budget budget)
    {
        if (a.Count != b.Count) return false;
        for (int i = 0; i < a.Count; i++)
        {
            if (!AreEqual(a[i], b[i], budget)) return false;
        }
        return true;
    }

    private static bool SameSet(IReadOnlyList<Value> a, IReadOnlyList<Value> b, Budget budget) =>
        Contains(a, b, budget) && Contains(b, a, budget);

    private static bool Contains(IReadOnlyList<Value> container, IReadOnlyList<Value> items, Budget budget)
    {
        foreach (Value item in items)
        {
            bool found = false;
            for (int i = 0; i < container.Count && !found; i++) found = AreEqual(container[i], item, budget);
            if (!found) return false;
        }
        return true;
    }
}
