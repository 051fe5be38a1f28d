using System.Text;
using Reasoning.Grading.Algebra;
using Reasoning.Grading.Reading;
using Reasoning.Grading.Rules;
using Reasoning.Grading.Values;

namespace Reasoning.Grading;

/// <summary>
/// An answer as a typed value. Reading is total: every text gives an answer, some of kind <see cref="AnswerKind.Unread"/>. The work is
/// bounded by a number of operations, so the result is the same on every machine.
/// </summary>
/// <remarks>
/// characters folded → layout removed → what stands around the answer removed → expression with number words and units, or words → value.
/// </remarks>
public sealed class Answer
{
    /// <summary>Texts longer than this, in characters, are not read.</summary>
    internal const int MaxLength = 4_000;

    private const int ReadingBudget = 10_000;

    private Answer(string raw, string normalText, AnswerKind kind, Value? value = null)
    {
        Raw = raw;
        NormalText = normalText;
        Kind = kind;
        Value = value;
        Canonical = value?.Key ?? "? " + normalText;
    }

    /// <summary>The text as given.</summary>
    public string Raw { get; }

    /// <summary>The text without layout, surroundings and superfluous spaces.</summary>
    internal string NormalText { get; }

    /// <summary>What it was read as.</summary>
    public AnswerKind Kind { get; }

    /// <summary>A text that two answers share only when they equal the same answers; equal answers may still differ in it.</summary>
    public string Canonical { get; }

    /// <summary>Whether it was understood, and so may vote.</summary>
    public bool IsReadable => Value is not null;

    internal Value? Value { get; }

    /// <summary>Reads an answer; null is blank.</summary>
    public static Answer Parse(string? text) => Parse(text, null);

    internal static Answer Parse(string? text, List<Step>? steps)
    {
        string raw = text ?? "";
        if (string.IsNullOrWhiteSpace(raw)) return new Answer(raw, "", AnswerKind.Empty);
        if (raw.Length > MaxLength) return new Answer(raw, raw.Trim(), AnswerKind.OverBudget);
        string folded = Stage(Rulebook.Characters, raw, CharacterFold.Apply(raw));
        string bare = Stage(Rulebook.Layout, folded, CollapseSpaces(Layout.Remove(folded)));
        string normal = Stage(Rulebook.Surroundings, bare, Surroundings.Strip(bare));
        if (normal.Length == 0 || PlainText.IsPlaceholder(normal)) return new Answer(raw, "", AnswerKind.Empty);

        var budget = new Budget(ReadingBudget, steps);
        if (Surroundings.Choice(normal) is var (letter, rest) && Read(raw, Surroundings.Strip(rest), budget) is { Value: { } chosen })
        {
            budget.Note(Rulebook.Choices);
            return new Answer(raw, normal, AnswerKind.Choice, new ChoiceValue(letter, chosen));
        }
        return Read(raw, normal, budget);

        string Stage(Rule rule, string before, string after)
        {
            if (before.Trim() != after) steps?.Add(new Step(rule, after.Replace(Layout.ThinSpace, ' ').Replace(Layout.NoSpace, ' ').Trim()));
            return after;
        }
    }

    public override string ToString() => $"{Kind}: {Canonical}";

    private static Answer Read(string raw, string normal, Budget budget)
    {
        string words = CollapseSpaces(PlainText.WithoutTextCommands(normal)).Trim();
        bool isWords = PlainText.IsWords(words);
        bool hasUnit = normal.IndexOf("\\text{", StringComparison.Ordinal) > 0;
        if (isWords && !hasUnit && !PlainText.MayBeNumber(words)) return Text(raw, normal, words, budget);
        Value? value = Reader.Read(normal, budget);
        if (budget.IsSpent) return new Answer(raw, normal, AnswerKind.OverBudget);
        bool isMeant = !isWords || PlainText.IsPower(words) || value is ScalarValue { Expression.Constant: not null }
            || (hasUnit && value is ScalarValue { Unit: not null });
        if (value is not null && isMeant) return new Answer(raw, normal, KindOf(value), value);
        return isWords || PlainText.IsSentence(words) ? Text(raw, normal, words, budget) : new Answer(raw, normal, AnswerKind.Unread);
    }

    private static Answer Text(string raw, string normal, string words, Budget budget)
    {
        string text = PlainText.Normalize(words);
        if (text.Length == 0) return new Answer(raw, "", AnswerKind.Empty);
        if (text is "all real numbers" or "all reals" or "the real numbers")
            return new Answer(raw, normal, AnswerKind.Collection, Reader.Read("\\mathbb{R}", new Budget(ReadingBudget)));
        budget.Note(Rulebook.Words);
        bool mayBeProduct = words.Length <= 4 && words.All(char.IsAsciiLetter);
        Expression? product = mayBeProduct ? Reader.Letters(words, new Budget(ReadingBudget)) : null;
        return new Answer(raw, words, AnswerKind.Text, new TextValue(text, product));
    }

    private static AnswerKind KindOf(Value value) => value switch
    {
        ScalarValue { Expression.Constant: not null } or BasedValue => AnswerKind.Number,
        ScalarValue => AnswerKind.Expression,
        FamilyValue family => KindOf(family.Body),
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
