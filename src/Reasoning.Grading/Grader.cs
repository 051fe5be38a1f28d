using System.Text.RegularExpressions;
using Reasoning.Grading.Rules;

namespace Reasoning.Grading;

/// <summary>
/// Grades answers and whole responses against one gold answer, which is read once and named apart from them: nothing can be swapped.
/// </summary>
/// <param name="gold">The right answer, with or without a box or a sentence around it, such as <c>1/2</c> or <c>\frac{1}{2}</c>.</param>
/// <example>
/// <code>
/// var grader = new Grader(gold: "1/2");
/// grader.GradeAnswer("0.5").IsEqual;                                  // true
/// grader.GradeResponse(@"Half of it: $\boxed{\frac{1}{2}}$").IsEqual;  // true
/// grader.GradeResponse("It is 1/2.").IsEqual;                         // false: no box, so no answer
/// </code>
/// </example>
public sealed partial class Grader(string gold)
{
    private const int ProseWords = 5, FewestWords = 3;

    /// <summary>The gold answer as it was read.</summary>
    public Answer Gold { get; } = ReadAnswer(gold);

    /// <summary>Grades a response: only what stands in its last box counts, unless answers may stand elsewhere.</summary>
    /// <param name="response">All that a model said, such as <c>"3 + 4 = 7, so \boxed{7}"</c>; the prompt is no part of it.</param>
    /// <param name="place">Where the answer may stand in it.</param>
    public GradeResult GradeResponse(string response, AnswerPlace place = AnswerPlace.Box) =>
        GradeExtracted(AnswerExtractor.Extract(response, place).Answer);

    /// <summary>Grades what was extracted from a response. Training and evaluation judge by this.</summary>
    /// <param name="extracted">The inside of the box alone, such as <c>"0.5"</c> (see <see cref="AnswerExtractor"/>); null is no answer.</param>
    public GradeResult GradeExtracted(string? extracted) => extracted is null
        ? new GradeResult(null, Outcome.Unparsed)
        : new GradeResult(extracted, Equivalence.Grade(Gold, Answer.Parse(extracted)));

    /// <summary>Grades a bare answer.</summary>
    /// <param name="answer">Such as <c>"0.5"</c>; it may come with a box or a sentence around it.</param>
    public GradeResult GradeAnswer(string answer)
    {
        Answer read = ReadAnswer(answer);
        return new GradeResult(read.Kind == AnswerKind.Empty ? null : read.Raw, Equivalence.Grade(Gold, read));
    }

    /// <summary>How both sides were read and by which rules they are equal or not, one step a line.</summary>
    /// <param name="extracted">The answer as <see cref="GradeResult.Extracted"/> has it; null is none.</param>
    public IReadOnlyList<string> Explain(string? extracted)
    {
        var lines = new List<string>();
        Answer a = Read("gold", Gold.Raw), b = Read("answer", extracted);
        var steps = new List<Step>();
        Outcome outcome = Equivalence.Grade(a, b, steps);
        lines.Add(outcome switch
        {
            Outcome.Equal when a.NormalText == b.NormalText => "equal: the same text",
            Outcome.Equal when steps.Count == 0 => "equal: the same value",
            Outcome.Equal => $"equal: {string.Join(", ", steps.Select(step => step.Rule.Name))}",
            Outcome.Different => "different: no rule makes them equal",
            Outcome.Unparsed => "unparsed: what is blank or not read equals nothing",
            _ => "out of budget: too long or too large to work out",
        });
        if (outcome == Outcome.Equal) lines.AddRange(steps.Select(step => $"  {step.Rule.Name}: {step.Rule.Sentence}"));
        return lines;

        Answer Read(string side, string? text)
        {
            var steps = new List<Step>();
            Answer read = Answer.Parse(text, steps);
            lines.Add($"{side}: {text ?? "none"}");
            lines.AddRange(steps.Select(step => $"  {step.Rule.Name}{(step.Result is { } result ? $": {result}" : "")}"));
            lines.Add($"  read as {read}");
            return read;
        }
    }

    /// <summary>
    /// Reads a text as an answer; if that fails and it is prose or has a box, the answer that stands in it. From a formula that cannot be
    /// read nothing is picked.
    /// </summary>
    public static Answer ReadAnswer(string text)
    {
        Answer whole = Answer.Parse(text);
        bool isProse = whole.Kind is AnswerKind.Unread or AnswerKind.OverBudget
            ? AnswerExtractor.HasBox(text) || PlainWords().Count(text) >= FewestWords
            : whole.Kind == AnswerKind.Text && text.AsSpan().ContainsAnyInRange('0', '9') && whole.NormalText.AsSpan().Count(' ') >= ProseWords;
        if (!isProse) return whole;
        Extraction extraction = AnswerExtractor.ExtractWithFallbacks(text);
        if (extraction.Answer is null) return whole;
        // A number somewhere in plain words is not what they say; one at their end may be.
        bool isSaid = whole.Kind != AnswerKind.Text || extraction.Source is ExtractionSource.Box or ExtractionSource.Phrase
            || text.AsSpan(extraction.Start + extraction.Answer.Length).TrimEnd(" .!$)]\\\n").IsEmpty;
        Answer part = Answer.Parse(extraction.Answer);
        return isSaid && (part.IsReadable || extraction.Source == ExtractionSource.Box) ? part : whole;
    }

    // Words outside of commands and their arguments.
    [GeneratedRegex(@"(?<![\\{a-zA-Z])[a-zA-Z]{2,}(?![a-zA-Z{}])")]
    private static partial Regex PlainWords();
}
