using System.Text;
using Reasoning.Grading.Algebra;
using Reasoning.Grading.Reading;
using Reasoning.Grading.Values;

namespace Reasoning.Grading;

/// <summary>
/// An answer as a typed value. Reading is total: every text gives an answer, some of kind <see cref="AnswerKind.Unread"/>. The work is
/// bounded by a number of operations, so the result is the same on every machine.
/// </summary>
public sealed class Answer
{
    /// <summary>Texts longer than this, in characters, are not read.</summary>
    public const int MaxLength = 4_000;

    private const int ReadingBudget = 10_000;

    private Answer(string raw, string normalText, AnswerKind kind, Value? value)
    {
        Raw = raw;
        NormalText = normalText;
        Kind = kind;
        Value = value;
        Canonical = value?.Key ?? "? " + normalText;
    }

    /// <summary>The text as given.</summary>
    public string Raw { get; }

    /// <summary>The text without wrappers and superfluous spaces.</summary>
    public string NormalText { get; }

    /// <summary>What it was read as.</summary>
    public AnswerKind Kind { get; }

    /// <summary>A text that two answers share only when they are equal; equal answers may still differ in it.</summary>
    public string Canonical { get; }

    /// <summary>Whether it was understood, and so may vote.</summary>
    public bool IsReadable => Value is not null;

    internal Value? Value { get; }

    /// <summary>Reads an answer; null is blank.</summary>
    public static Answer Parse(string? text)
    {
        string raw = text ?? "";
        if (string.IsNullOrWhiteSpace(raw)) return new Answer(raw, "", AnswerKind.Empty, null);
        if (raw.Length > MaxLength) return new Answer(raw, raw.Trim(), AnswerKind.OverBudget, null);
        string normal = CollapseSpaces(Wrappers.Strip(CharacterFold.Apply(raw)));
        if (normal.Length == 0) return new Answer(raw, "", AnswerKind.Empty, null);
        if (PlainText.IsPlaceholder(normal)) return new Answer(raw, "", AnswerKind.Empty, null);
        if (PlainText.IsWords(normal)) return Words(raw, normal);

        var budget = new Budget(ReadingBudget);
        Value? value = Reader.Read(normal, budget);
        if (budget.IsSpent) return new Answer(raw, normal, AnswerKind.OverBudget, null);
        if (value is not null) return new Answer(raw, normal, KindOf(value), value);
        string bare = CollapseSpaces(PlainText.WithoutTextCommands(normal)).Trim();
        return PlainText.IsSentence(bare) ? Words(raw, bare) : new Answer(raw, normal, AnswerKind.Unread, null);
    }

    public override string ToString() => $"{Kind}: {Canonical}";

    private static Answer Words(string raw, string normal)
    {
        string text = PlainText.Normalize(normal);
        if (text.Length == 0) return new Answer(raw, "", AnswerKind.Empty, null);
        if (NumberWords.Value(text) is { } number)
            return new Answer(raw, normal, AnswerKind.Number, new ScalarValue(Expression.Of(new Rational(number))));
        if (text is "all real numbers" or "all reals" or "the real numbers")
            return new Answer(raw, normal, AnswerKind.Collection, Reader.Read("\\mathbb{R}", new Budget(ReadingBudget)));
        bool mayBeProduct = normal.Length <= 4 && normal.All(char.IsAsciiLetter);
        Expression? product = mayBeProduct ? Reader.Letters(normal, new Budget(ReadingBudget)) : null;
        return new Answer(raw, normal, AnswerKind.Text, new TextValue(text, product));
    }

    private static AnswerKind KindOf(Value value) => value switch
    {
        ScalarValue { Expression.Constant: not null } or BasedValue => AnswerKind.Number,
        ScalarValue => AnswerKind.Expression,
        CollectionValue { Kind: CollectionKind.Conjunction } => AnswerKind.Relation,
        CollectionValue => AnswerKind.Collection,
        RelationValue or AssignmentValue => AnswerKind.Relation,
        _ => AnswerKind.Text,
    };

    private static string CollapseSpaces(string text)
    {
        if (!text.Contains("  ", StringComparison.Ordinal)) return text;
        var collapsed = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c != ' ' || collapsed.Length == 0 || collapsed[^1] != ' ') collapsed.Append(c);
        }
        return collapsed.ToString();
    }
}
