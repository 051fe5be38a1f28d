using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reasoning.Grading.Tests;

public sealed partial class GoldAnswerTests(ITestOutputHelper output)
{
    private static readonly string[] s_files = ["math500", "amc", "aime24", "aime25"];

    [Fact]
    public void Every_gold_answer_is_read_and_equals_itself() => ForEachAnswer((file, answer) =>
    {
        Assert.True(Answer.Parse(answer).IsReadable, $"{file}: {answer}");
        Assert.Equal(Outcome.Equal, Equivalence.Compare(answer, answer));
        Assert.True(new Grader(answer).GradeAnswer(answer).IsEqual, answer);
    });

    [Fact]
    public void Rewriting_a_gold_answer_does_not_change_its_meaning()
    {
        int rewritten = 0;
        var wrong = new List<string>();
        ForEachAnswer((file, answer) =>
        {
            foreach (string other in Rewrites(answer).Distinct().Where(other => other != answer))
            {
                rewritten++;
                if (Equivalence.Compare(answer, other) != Outcome.Equal || Equivalence.Compare(other, answer) != Outcome.Equal
                    || !new Grader(answer).GradeAnswer(other).IsEqual || !new Grader(answer).GradeResponse($@"So it is \boxed{{{other}}}.").IsEqual)
                {
                    wrong.Add($"{file}: {answer} | {other} ({Answer.Parse(answer)} | {Answer.Parse(other)})");
                }
            }
        });
        output.WriteLine($"{rewritten} rewrites");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Different_answers_of_a_competition_are_different()
    {
        var answers = new HashSet<string>();
        ForEachAnswer((file, answer) =>
        {
            if (file.StartsWith("aime", StringComparison.Ordinal)) answers.Add(answer);
        });
        foreach (string a in answers)
        {
            foreach (string b in answers)
            {
                bool same = BigInteger.Parse(a, CultureInfo.InvariantCulture) == BigInteger.Parse(b, CultureInfo.InvariantCulture);
                Assert.Equal(same ? Outcome.Equal : Outcome.Different, Equivalence.Compare(a, b));
            }
        }
    }

    /// <summary>The same answer in other words; each rule applies only where it cannot change the meaning.</summary>
    private static IEnumerable<string> Rewrites(string answer)
    {
        AnswerKind kind = Answer.Parse(answer).Kind;
        bool isWords = answer.Contains("\\text", StringComparison.Ordinal) || kind == AnswerKind.Text;
        yield return $" {answer} ";
        yield return $"${answer}$";
        yield return $@"\({answer}\)";
        yield return $@"\boxed{{{answer}}}";
        yield return answer.Replace("\\frac", "\\dfrac", StringComparison.Ordinal);
        yield return answer.Replace("\\frac", "\\tfrac", StringComparison.Ordinal);
        yield return answer.Replace("\\left", "", StringComparison.Ordinal).Replace("\\right", "", StringComparison.Ordinal);
        if (!isWords)
        {
            yield return Operator().Replace(answer, " $0 ");
            yield return answer.Replace(",", ", ", StringComparison.Ordinal) is var spaced && kind == AnswerKind.Collection ? spaced : answer;
            if (!answer.Contains("\\left", StringComparison.Ordinal))
                yield return Bracket().Replace(answer, match => (match.Value is "(" or "[" ? "\\left" : "\\right") + match.Value);
        }
        if (!isWords && (kind is AnswerKind.Number or AnswerKind.Expression) && !answer.Contains('=', StringComparison.Ordinal)) yield return $"x={answer}";
        if (kind == AnswerKind.Number && Plain().IsMatch(answer))
        {
            yield return answer + " cm";
            yield return answer + "\\text{ units}";
            yield return $"\\${answer}";
        }
        if (kind == AnswerKind.Number && Fraction().Match(answer) is { Success: true } fraction)
        {
            (int top, int bottom) = (int.Parse(fraction.Groups[2].Value, CultureInfo.InvariantCulture), int.Parse(fraction.Groups[3].Value, CultureInfo.InvariantCulture));
            yield return $"{fraction.Groups[1].Value}{top}/{bottom}";
            yield return $"{fraction.Groups[1].Value}\\frac{{{2 * top}}}{{{2 * bottom}}}";
            if (100_000 % bottom == 0) yield return fraction.Groups[1].Value + ((decimal)top / bottom).ToString(CultureInfo.InvariantCulture);
        }
        // An unordered list or set in the other order.
        string inner = answer.StartsWith("\\{", StringComparison.Ordinal) && answer.EndsWith("\\}", StringComparison.Ordinal) ? answer[2..^2] : answer;
        if (kind == AnswerKind.Collection && inner.AsSpan().IndexOfAny("([{=\\") < 0 && inner.Contains(',', StringComparison.Ordinal))
        {
            string reversed = string.Join(", ", inner.Split(',').Reverse().Select(item => item.Trim()));
            yield return inner.Length == answer.Length ? reversed : $"\\{{{reversed}\\}}";
        }
    }

    private void ForEachAnswer(Action<string, string> visit)
    {
        foreach (string file in s_files)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require($"data/{file}.json")));
            foreach (JsonElement item in document.RootElement.EnumerateArray()) visit(file, item.GetProperty("answer").ToString());
        }
    }

    [GeneratedRegex(@"(?<![\\^_{(\[,=<>eE])(?<=[\w})\]] ?)[+\-](?! )")]
    private static partial Regex Operator();

    [GeneratedRegex(@"(?<!\\)[()\[\]](?![^{]*\})")]
    private static partial Regex Bracket();

    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^(-?)\\[dt]?frac\{?(\d+)\}?\{?(\d+)\}?$")]
    private static partial Regex Fraction();
}
