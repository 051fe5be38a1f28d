namespace Reasoning.Rewards;

/// <summary>
/// Decides whether two answers are the same. Total, exact and symmetric: numbers are compared as fractions, never as floating point, and
/// what is not understood equals nothing but the same text. A missed equality costs a vote; a false one would teach an error.
/// </summary>
public static class Equivalence
{
    private const int ComparingBudget = 20_000;

    /// <summary>Compares two texts without preferring either.</summary>
    public static Outcome Compare(string? a, string? b) => Compare(Answer.Parse(a), Answer.Parse(b));

    /// <summary>Compares two answers without preferring either.</summary>
    public static Outcome Compare(Answer a, Answer b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Kind == AnswerKind.Empty || b.Kind == AnswerKind.Empty) return Outcome.Unparsed;
        if (string.Equals(a.NormalText, b.NormalText, StringComparison.Ordinal)) return Outcome.Equal;
        if (a.Kind == AnswerKind.OverBudget || b.Kind == AnswerKind.OverBudget) return Outcome.OutOfBudget;
        if (a.Value is null || b.Value is null) return Outcome.Unparsed;
        return Decide(a.Value, b.Value);
    }

    /// <summary>Whether <see cref="Compare(string?, string?)"/> says <see cref="Outcome.Equal"/>.</summary>
    public static bool AreEqual(string? a, string? b) => Compare(a, b) == Outcome.Equal;

    /// <summary>
    /// Grades an answer against the gold one. As <see cref="Compare(Answer, Answer)"/>, and where the gold answer's form invites it:
    /// a gold percentage also accepts the bare number before its sign, a gold number in another base its digits alone.
    /// </summary>
    public static Outcome Grade(Answer gold, Answer answer)
    {
        Outcome outcome = Compare(gold, answer);
        if (outcome != Outcome.Different) return outcome;
        return (gold.Value, answer.Value) switch
        {
            (ScalarValue { IsPercent: true } percent, ScalarValue { IsPercent: false, Unit: null } number) =>
                Decide(new ScalarValue(percent.Expression.Scale(new Rational(100))), number),
            (BasedValue based, ScalarValue) when string.Equals(based.Digits, answer.NormalText.TrimStart('0'), StringComparison.Ordinal)
                => Outcome.Equal,
            _ => outcome,
        };
    }

    private static Outcome Decide(Value a, Value b)
    {
        var budget = new Budget(ComparingBudget);
        bool equal = ValueComparer.AreEqual(a, b, budget);
        return budget.IsSpent ? Outcome.OutOfBudget : equal ? Outcome.Equal : Outcome.Different;
    }
}
