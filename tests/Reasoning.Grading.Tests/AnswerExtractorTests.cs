namespace Reasoning.Grading.Tests;

public sealed class AnswerExtractorTests
{
    [Theory]
    [InlineData(@"so \boxed{42}.", "42")]
    [InlineData(@"first \boxed{1}, then \boxed{2}", "2")]
    [InlineData(@"\boxed{\frac{1}{2}}", @"\frac{1}{2}")]
    [InlineData(@"\boxed{\{1,2\}}", @"\{1,2\}")]
    [InlineData(@"\boxed{\left\{x\right.}", @"\left\{x\right.")]
    [InlineData(@"\fbox{7} and no more", "7")]
    [InlineData(@"\boxed{3} \fbox{4}", "4")]
    [InlineData(@"\fbox{4} \boxed{3}", "3")]
    [InlineData(@"\boxed {5}", "5")]
    [InlineData(@"\boxed{\boxed{9}}", "9")]
    [InlineData(@"\boxed{ 6 }", " 6 ")]
    [InlineData(@"an open \boxed{1 and a closed \boxed{2}", "2")]
    [InlineData(@"\boxed{840}\boxed{840}", "840")]
    [InlineData(@"\boxed{1} and then \boxed 2", "2")]
    [InlineData(@"$\boxed 12$.", "12")]
    [InlineData(@"so \boxed\frac12$ is it", @"\frac12")]
    [InlineData(@"\(\boxed x\)", "x")]
    public void Takes_the_last_complete_box(string text, string answer) => Assert.Equal(answer, AnswerExtractor.Extract(text).Answer);

    [Theory]
    [InlineData(@"\boxed{1} and then \boxed{2", ExtractionSource.UnclosedBox)]
    [InlineData(@"\boxed{1} and then \boxed{\frac{1}{2}", ExtractionSource.UnclosedBox)]
    [InlineData(@"\boxed{1} and then \boxed", ExtractionSource.UnclosedBox)]
    [InlineData(@"\boxed{1} and then \boxed{}", ExtractionSource.EmptyBox)]
    [InlineData(@"\boxed{1} and then \boxed{  }", ExtractionSource.EmptyBox)]
    [InlineData(@"\boxedfigure{1}", ExtractionSource.None)]
    [InlineData("the answer is 5", ExtractionSource.None)]
    [InlineData("", ExtractionSource.None)]
    public void A_broken_last_box_is_no_answer(string text, ExtractionSource source)
    {
        Extraction extraction = AnswerExtractor.Extract(text);
        Assert.Null(extraction.Answer);
        Assert.Equal(source, extraction.Source);
    }

    [Fact]
    public void The_place_of_answer_and_box_is_kept()
    {
        const string Text = @"Work. \boxed{12} end";
        Extraction extraction = AnswerExtractor.Extract(Text);
        Assert.Equal(Text.IndexOf("12", StringComparison.Ordinal), extraction.Start);
        Assert.Equal(Text.IndexOf('\\', StringComparison.Ordinal), extraction.BoxStart);
        Assert.Equal(1, extraction.Boxes);
    }

    [Theory]
    [InlineData("So the answer is $\\frac{1}{2}$.", "1/2")]
    [InlineData("Final Answer: The largest $n$ is 34.", "34")]
    [InlineData("We get 3, then 4, so 1,234.5 it is", "1234.5")]
    [InlineData("Therefore $x < 5$ is the solution.", "x<5")]
    public void Fallbacks_apply_only_when_asked_for(string text, string answer)
    {
        Assert.Null(AnswerExtractor.Extract(text).Answer);
        Assert.True(Equivalence.AreEqual(answer, AnswerExtractor.ExtractWithFallbacks(text).Answer));
    }

    [Theory]
    [InlineData(@"\boxed{-2} \quad \text{and} \quad \boxed{1}", "-2, 1")]
    [InlineData(@"$\boxed{1}$, $\boxed{2}$ and $\boxed{3}$", "1, 2, 3")]
    [InlineData(@"\boxed{840}, \boxed{840}", "840")]
    [InlineData(@"\boxed{840}\boxed{841}", "841")]
    [InlineData(@"\boxed{1} and so we find \boxed{2}", "2")]
    [InlineData(@"$\boxed{20}$ percent", @"20\%")]
    [InlineData(@"The answer is (C).", "(C)")]
    [InlineData("**Answer:** B", "B")]
    public void Neighbouring_boxes_and_letters_count_where_fallbacks_are_asked_for(string text, string answer) =>
        Assert.Equal(answer, AnswerExtractor.ExtractWithFallbacks(text).Answer);

    /// <summary>What follows "the answer is" wins over later numbers, and a negated number is none.</summary>
    [Fact]
    public void Answers_outside_of_a_box_are_found_as_listed() => Assert.All(Pairs.Of("responses.txt"), pair =>
    {
        string response = pair.B.Replace('⏎', '\n');
        bool isEqual = new Grader(pair.A).GradeResponse(response, AnswerPlace.Anywhere).IsEqual;
        Assert.True(isEqual == (pair.Outcome == Outcome.Equal), $"{pair.A}: {pair.B}");
    });

    [Fact]
    public void Votes_see_the_last_box_alone() => Assert.Equal("3", AnswerExtractor.Extract(@"\boxed{2} and \boxed{3}").Answer);

    [Fact]
    public void A_fallback_never_replaces_a_broken_box() =>
        Assert.Null(AnswerExtractor.ExtractWithFallbacks(@"the answer is 5, \boxed{5").Answer);
}
