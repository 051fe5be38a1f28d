namespace Reasoning.Grading.Tests;

public sealed class PairTests
{
    [Fact]
    public void Every_pair_compares_as_listed_in_both_directions()
    {
        var wrong = new List<string>();
        foreach ((string group, string a, string b, Outcome expected) in Pairs.Of("pairs.txt"))
        {
            Outcome forward = Equivalence.Compare(a, b), backward = Equivalence.Compare(b, a);
            if (forward != expected || backward != expected)
                wrong.Add($"{group}: {a} | {b}: {forward} and {backward}, not {expected} ({Answer.Parse(a)} | {Answer.Parse(b)})");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_side_that_is_not_blank_equals_itself() =>
        Assert.All(
            Pairs.Of("pairs.txt").SelectMany(pair => new[] { pair.A, pair.B }).Where(text => Answer.Parse(text).Kind != AnswerKind.Empty),
            text => Assert.Equal(Outcome.Equal, Equivalence.Compare(text, text)));

    [Fact]
    public void Near_misses_are_never_equal()
    {
        (string Group, string A, string B, Outcome)[] pairs = [.. Pairs.Of("near-misses.txt")];
        Assert.True(pairs.Length >= 200, $"only {pairs.Length} pairs");
        Assert.All(pairs, pair =>
        {
            Assert.NotEqual(Outcome.Equal, Equivalence.Compare(pair.A, pair.B));
            Assert.NotEqual(Outcome.Equal, Equivalence.Compare(pair.B, pair.A));
            // Against a gold percentage or a gold number with a base, the bare digits are right by rule.
            if (Answer.Parse(pair.A).Value is not (Values.ScalarValue { IsPercent: true } or Values.BasedValue))
                Assert.False(new Grader(pair.A).GradeAnswer(pair.B).IsEqual, $"gold {pair.A}: {pair.B}");
            if (Answer.Parse(pair.B).Value is not (Values.ScalarValue { IsPercent: true } or Values.BasedValue))
                Assert.False(new Grader(pair.B).GradeAnswer(pair.A).IsEqual, $"gold {pair.B}: {pair.A}");
        });
    }
}
