using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;
using Reasoning.Grading.Values;

namespace Reasoning.Grading;

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
    public static Outcome Compare(Answer a, Answer b) => Compare(a, b, null);

    private static Outcome Compare(Answer a, Answer b, List<Step>? steps)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Kind == AnswerKind.Empty || b.Kind == AnswerKind.Empty) return Outcome.Unparsed;
        if (string.Equals(a.NormalText, b.NormalText, StringComparison.Ordinal)) return Outcome.Equal;
        if (a.Kind == AnswerKind.OverBudget || b.Kind == AnswerKind.OverBudget) return Outcome.OutOfBudget;
        if (a.Value is null || b.Value is null) return Outcome.Unparsed;
        return Decide(a.Value, b.Value, steps);
    }

    /// <summary>Whether <see cref="Compare(string?, string?)"/> says <see cref="Outcome.Equal"/>.</summary>
    public static bool AreEqual(string? a, string? b) => Compare(a, b) == Outcome.Equal;

    /// <summary>
    /// Grades an answer against the gold one. As <see cref="Compare(Answer, Answer)"/>, and where the gold answer's form invites it:
    /// a gold percentage also accepts the bare number before its sign, a gold number in another base its digits alone, and a gold number
    /// that is not an integer a comma as decimal point.
    /// </summary>
    internal static Outcome Grade(Answer gold, Answer answer, List<Step>? steps = null)
    {
        Outcome outcome = Compare(gold, answer, steps);
        if (outcome != Outcome.Different) return outcome;
        switch (gold.Value, answer.Value)
        {
            case (ScalarValue { IsPercent: true } percent, ScalarValue { IsPercent: false, Unit: null } number):
                steps?.Add(new Step(Rulebook.Percent, null));
                return Decide(new ScalarValue(percent.Expression.Scale(new Rational(100))), number, steps);
            case (BasedValue based, ScalarValue) when string.Equals(based.Digits, answer.NormalText.TrimStart('0'), StringComparison.Ordinal):
                steps?.Add(new Step(Rulebook.Bases, null));
                return Outcome.Equal;
            case (ScalarValue { Unit: null, IsPercent: false, Expression.Constant: { IsInteger: false } }, CollectionValue { Kind: CollectionKind.List, Items.Count: 2 })
                when DecimalComma(answer.NormalText) is { } text:
                steps?.Add(new Step(Rulebook.Numbers, text));
                return Compare(gold, Answer.Parse(text), steps);
            default:
                return outcome;
        }
    }

    // Where one number is asked for, "1000,99" is no list of two.
    private static string? DecimalComma(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0 || comma == text.Length - 1) return null;
        for (int i = 0; i < text.Length; i++)
        {
            if (i != comma && !char.IsAsciiDigit(text[i]) && !(i == 0 && text[i] == '-')) return null;
        }
        return text.Replace(',', '.');
    }

    private static Outcome Decide(Value a, Value b, List<Step>? steps)
    {
        var budget = new Budget(ComparingBudget, steps);
        bool equal = ValueComparer.AreEqual(a, b, budget);
        return budget.IsSpent ? Outcome.OutOfBudget : equal ? Outcome.Equal : Outcome.Different;
    }
}
