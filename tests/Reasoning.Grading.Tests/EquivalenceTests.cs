namespace Reasoning.Grading.Tests;

public sealed class EquivalenceTests
{
    [Theory]
    // integers
    [InlineData("42", "42")]
    [InlineData("42", "+42")]
    [InlineData("42", "042")]
    [InlineData("-0", "0")]
    [InlineData("5", "5.0")]
    [InlineData("1,234", "1234")]
    [InlineData("1{,}234", "1234")]
    [InlineData(@"11,\! 111,\! 111", "11111111")]
    [InlineData(@"1\,000\,000", "1000000")]
    [InlineData("−7", "-7")]
    [InlineData("４２", "42")]
    [InlineData("12345678901234567890123", "12,345,678,901,234,567,890,123")]
    // decimals, fractions, mixed numbers
    [InlineData("0.5", "1/2")]
    [InlineData(".5", "0.50")]
    [InlineData("2/4", "1/2")]
    [InlineData(@"\frac12", "1/2")]
    [InlineData(@"\dfrac{1}{2}", @"\tfrac12")]
    [InlineData(@"-\frac{1}{2}", @"\frac{-1}{2}")]
    [InlineData(@"\frac3{4}", "0.75")]
    [InlineData(@"1\frac34", "7/4")]
    [InlineData("7 3/4", "31/4")]
    [InlineData("-1\\frac{1}{2}", "-1.5")]
    [InlineData("½", "0.5")]
    [InlineData(@"0.\overline{3}", "1/3")]
    [InlineData(@"0.1\overline{6}", "1/6")]
    [InlineData("1.2×10^5", "120000")]
    [InlineData(@"1.2\times 10^{5}", "1.2e5")]
    [InlineData("5e-1", "1/2")]
    [InlineData("2^{10}", "1024")]
    [InlineData("2**10", "1024")]
    // wrappers
    [InlineData("$5$", "5")]
    [InlineData(@"\(5\)", "5")]
    [InlineData(@"\[ 5 \]", "5")]
    [InlineData("**73**", "73")]
    [InlineData(@"\text{13}", "13")]
    [InlineData(@"\mathrm{13}", "13")]
    [InlineData(@"\boxed{13}", "13")]
    [InlineData(@"\left(1, 2\right)", "(1,2)")]
    [InlineData("5.", "5")]
    // units, currency, percent
    [InlineData("5 cm", "5")]
    [InlineData(@"5\text{ cm}", "5 centimeters")]
    [InlineData(@"5\text{ cm}^2", "5 square centimeters")]
    [InlineData("90°", "90")]
    [InlineData(@"90^\circ", "90 degrees")]
    [InlineData(@"\$18", "18")]
    [InlineData("$18", "18 dollars")]
    [InlineData(@"10\%", "0.1")]
    [InlineData(@"10\%", "10 percent")]
    // choices and words
    [InlineData(@"\text{(C)}", "C")]
    [InlineData("(C)", "C.")]
    [InlineData("C)", "C")]
    [InlineData(@"\textbf{(C)}", "option C")]
    [InlineData(@"\text{Evelyn}", "evelyn")]
    [InlineData("no  solution", "No solution.")]
    // named results, collections
    [InlineData("x = 5", "5")]
    [InlineData("5", "k=5")]
    [InlineData("x=5", "5 = x")]
    [InlineData("(p,q) = (1,2)", "(1,2)")]
    [InlineData(@"x \in [0,1)", "[0, 1)")]
    [InlineData(@"\{1,2\}", @"\{2,1\}")]
    [InlineData("1 and 2", "2, 1")]
    [InlineData("1 or 2", @"\{1,2\}")]
    [InlineData(@"\pm 2", @"\{2,-2\}")]
    [InlineData(@"x = \pm 2", "x=-2 or x=2")]
    [InlineData(@"(-\infty,\infty)", @"\mathbb{R}")]
    [InlineData(@"(1,2)\cup(3,4)", @"(3,4) \cup (1,2)")]
    [InlineData(@"\begin{pmatrix}1&2\\3&4\end{pmatrix}", @"\begin{bmatrix} 1 & 2 \\ 3 & \frac{8}{2} \end{bmatrix}")]
    // algebra
    [InlineData(@"\sqrt{8}", @"2\sqrt2")]
    [InlineData(@"\frac{1}{\sqrt2}", @"\frac{\sqrt{2}}{2}")]
    [InlineData(@"\frac{1}{1+\sqrt2}", @"\sqrt2-1")]
    [InlineData("(x+1)^2", "x^2+2x+1")]
    [InlineData(@"\frac{x^2-1}{x-1}", "x+1")]
    [InlineData(@"\sqrt[3]{-8}", "-2")]
    [InlineData("x<5", "5>x")]
    [InlineData("x>=1", @"-x \le -1")]
    [InlineData("2x+4y-3=0", @"y=-\frac{1}{2}x+\frac{3}{4}")]
    [InlineData("1 < x < 3", "3 > x > 1")]
    public void Same_value_in_other_words(string a, string b)
    {
        Assert.Equal(Outcome.Equal, Equivalence.Compare(a, b));
        Assert.Equal(Outcome.Equal, Equivalence.Compare(b, a));
    }

    [Theory]
    [InlineData("42", "43")]
    [InlineData("42", "-42")]
    [InlineData("0.333", "1/3")]
    [InlineData("0.333333333", "1/3")]
    [InlineData("3.14", @"\pi")]
    [InlineData("12:00", "1:00")]
    [InlineData("1,23", "123")]
    [InlineData("32, 349", "32349")]
    [InlineData("(1,234)", "1234")]
    [InlineData("5 cm", "5 m")]
    [InlineData(@"\$5", "€5")]
    [InlineData(@"10\%", "10")]
    [InlineData("C", "D")]
    [InlineData("c", "C")]
    [InlineData("Evelyn", "Eve")]
    [InlineData("x=5", "y=5")]
    [InlineData("x+1=5", "5")]
    [InlineData("x=y", "5")]
    [InlineData("(1,2)", "(2,1)")]
    [InlineData("(1,2)", "[1,2]")]
    [InlineData("(1,2)", @"\{1,2\}")]
    [InlineData(@"\{1,2\}", @"\{1,2,3\}")]
    [InlineData("x<5", "x>5")]
    [InlineData("x<5", @"x\le5")]
    [InlineData("101_2", "5")]
    [InlineData("101_2", "101_3")]
    [InlineData(@"\sqrt{x^2}", "x")]
    [InlineData("xy", "x+y")]
    [InlineData(@"\sqrt2+\sqrt3", @"\sqrt5")]
    [InlineData(@"\sqrt{-1}\sqrt{-1}", "1")]
    [InlineData("2^{100}", "2^{100}+1")]
    [InlineData("a=1,b=2", "2,1")]
    public void Different_values_are_different(string a, string b)
    {
        Assert.Equal(Outcome.Different, Equivalence.Compare(a, b));
        Assert.Equal(Outcome.Different, Equivalence.Compare(b, a));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", " ")]
    [InlineData("$$", "$$")]
    [InlineData(@"\text{}", @"\text{}")]
    [InlineData("", "5")]
    [InlineData("5", "\n")]
    [InlineData("x=x", "y=y")]
    [InlineData("1=1", "2=2")]
    [InlineData(@"\frac{1}{0}", @"\frac{2}{0}")]
    [InlineData("1/2x", "x/2")]
    [InlineData("0.3...", "1/3")]
    [InlineData(@"\boxed{1}{2}", "2")]
    [InlineData(@"\sqrt12", @"\sqrt{12}")]
    [InlineData("2 3", "6")]
    [InlineData(@"\infty-\infty", "0")]
    [InlineData(@"\int_0^1 x\,dx", "1/2")]
    [InlineData("((((", "))))")]
    public void What_is_blank_or_not_understood_equals_nothing(string a, string b)
    {
        Assert.Equal(Outcome.Unparsed, Equivalence.Compare(a, b));
        Assert.Equal(Outcome.Unparsed, Equivalence.Compare(b, a));
    }

    [Fact]
    public void Unread_text_equals_the_same_text_only()
    {
        Assert.True(Equivalence.AreEqual(@"\int_0^1 f", @" $\int_0^1 f$ "));
        Assert.False(Equivalence.AreEqual(@"\int_0^1 f", @"\int_0^1 g"));
    }

    [Theory]
    [InlineData("2^{2^{2^{2^{2^2}}}}", "1")]
    [InlineData("1e9999999", "1")]
    [InlineData("(1+x+y+z)^{60}", "1")]
    public void Degenerate_answers_run_out_of_operations_not_time(string a, string b) => Assert.Equal(Outcome.OutOfBudget, Equivalence.Compare(a, b));

    [Fact]
    public void Long_and_deep_answers_end_quickly()
    {
        foreach (string text in (string[])[new string('9', 3_900), new string('(', 3_900), new string('9', 100_000),
            string.Concat(Enumerable.Repeat("\\sqrt{", 600)), string.Concat(Enumerable.Repeat("1+", 1_900)) + "1",
            string.Join(',', Enumerable.Range(0, 900)), "{" + string.Concat(Enumerable.Repeat("x^{2", 500)),
            string.Concat(Enumerable.Repeat(@"\frac1{", 500)), string.Concat(Enumerable.Repeat(@"2\pm", 900)) + "1"])
        {
            long start = Environment.TickCount64;
            Assert.Equal(Outcome.Equal, Equivalence.Compare(text, text));
            Assert.NotEqual(Outcome.Equal, Equivalence.Compare(text, text + "1"));
            Assert.InRange(Environment.TickCount64 - start, 0, 2_000);
        }
    }

    [Theory]
    [InlineData(@"10\%", "10", Outcome.Equal)]
    [InlineData(@"10\%", "0.1", Outcome.Equal)]
    [InlineData(@"10\%", @"10\%", Outcome.Equal)]
    [InlineData(@"10\%", "1", Outcome.Different)]
    [InlineData("10", @"10\%", Outcome.Different)]
    [InlineData("101_2", "101", Outcome.Equal)]
    [InlineData("101_2", "5", Outcome.Different)]
    [InlineData("101", "101_2", Outcome.Different)]
    public void The_gold_answer_decides_about_percent_and_base(string gold, string answer, Outcome outcome) =>
        Assert.Equal(outcome, new Grader(gold).GradeExtracted(answer).Outcome);

    [Fact]
    public void A_response_is_graded_by_its_last_box_alone()
    {
        Assert.True(new Grader("1/2").GradeResponse(@"Maybe \boxed{3}. No: \boxed{0.5}").IsEqual);
        Assert.False(new Grader("3").GradeResponse(@"Maybe \boxed{3}. No: \boxed{0.5}").IsEqual);
        Assert.Equal(new GradeResult(null, Outcome.Unparsed), new Grader("3").GradeResponse("the answer is 3"));
        Assert.Equal(Outcome.Unparsed, new Grader("").GradeResponse(@"\boxed{}").Outcome);
    }

    [Theory]
    [InlineData("5", AnswerKind.Number)]
    [InlineData(@"2\sqrt3", AnswerKind.Expression)]
    [InlineData("(1,2)", AnswerKind.Collection)]
    [InlineData("x=1", AnswerKind.Relation)]
    [InlineData("Monday", AnswerKind.Text)]
    [InlineData(@"\oint", AnswerKind.Unread)]
    [InlineData("  ", AnswerKind.Empty)]
    [InlineData("9^{9^{9^9}}", AnswerKind.OverBudget)]
    public void Answers_know_their_kind(string text, AnswerKind kind) => Assert.Equal(kind, Answer.Parse(text).Kind);
}
