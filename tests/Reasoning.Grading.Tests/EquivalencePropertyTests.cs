using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace Reasoning.Grading.Tests;

public sealed class EquivalencePropertyTests
{
    private static readonly string[] s_pieces =
    [
        "1", "2", "12", "345", "007", "1,234", "0.5", ".25", "1e3", "x", "y", "n", "C", "+", "-", "*", "/", "^", "^{2}", "_",
        "_{1}", "(", ")", "[", "]", "{", "}", "\\{", "\\}", ",", ", ", ";", ":", "=", "<", ">", "\\le", "\\frac", "\\frac12",
        "\\frac{3}{4}", "\\sqrt", "\\sqrt{2}", "\\sqrt[3]{5}", "\\pi", "\\pm", "\\infty", "\\%", "%", "$", "\\$", "\\text{cm}",
        "\\text{and}", " and ", " or ", " ", "|", "!", "\\cup", "\\in", "°", "\\\\", "&", "\\begin{pmatrix}", "\\end{pmatrix}",
        "\\left(", "\\right)", "\\boxed{", "apples", "sin", "\\log_2", "f(", "'", "**", "\\overline{3}", "≈", "\\unknown",
    ];

    // Each property looks at this many generated texts or pairs, from a fixed seed.
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(3_000).WithReplay(20_250_925, 17);

    [Fact]
    public void Comparing_short_answers_is_symmetric() => Check.One(s_config, Prop.ForAll(
        Gen.Two(Gen.ArrayOf(Gen.Elements(s_pieces), 3).Select(string.Concat)).ToArbitrary(),
        pair => Equivalence.Compare(pair.Item1, pair.Item2) == Equivalence.Compare(pair.Item2, pair.Item1)));

    [Fact]
    public void Fractions_are_equal_exactly_when_their_cross_products_are() => Check.One(s_config, Prop.ForAll(
        Gen.Four(Gen.Choose(-30, 30)).ToArbitrary(), q =>
        {
            (int a, int b, int c, int d) = (q.Item1, q.Item2 == 0 ? 1 : q.Item2, q.Item3, q.Item4 == 0 ? 1 : q.Item4);
            bool equal = a * d == b * c;
            return Equivalence.AreEqual($@"\frac{{{a}}}{{{b}}}", $"{c}/{d}") == equal;
        }));

    [Fact]
    public void Decimals_are_exact() => Check.One(s_config, Prop.ForAll(
        Gen.Two(Gen.Choose(-100_000, 100_000)).ToArbitrary(), pair =>
        {
            string a = (pair.Item1 / 1000m).ToString(CultureInfo.InvariantCulture);
            string b = (pair.Item2 / 1000m).ToString(CultureInfo.InvariantCulture);
            return Equivalence.AreEqual(a, $"{pair.Item1}/1000") && Equivalence.AreEqual(a, b) == (pair.Item1 == pair.Item2);
        }));

    [Fact]
    public void Expanded_products_equal_the_product() => Check.One(s_config, Prop.ForAll(
        Gen.Four(Gen.Choose(-9, 9)).ToArbitrary(), q =>
        {
            (int a, int b, int c, int d) = q;
            string product = $"({a}x{b:+0;-0;+0})({c}x{d:+0;-0;+0})";
            string expanded = $"{a * c}x^2{(a * d) + (b * c):+0;-0;+0}x{b * d:+0;-0;+0}";
            return Equivalence.AreEqual(product, expanded) && !Equivalence.AreEqual(product, expanded + "+1");
        }));

    [Fact]
    public void Square_roots_simplify() => Check.One(s_config.WithMaxTest(300), Prop.ForAll(
        Gen.Two(Gen.Choose(1, 60)).ToArbitrary(),
        pair => Equivalence.AreEqual($@"\sqrt{{{pair.Item1 * pair.Item1 * pair.Item2}}}", $@"{pair.Item1}\sqrt{{{pair.Item2}}}")));

    [Fact]
    public void Powers_of_integers_are_exact()
    {
        for (int n = 0; n <= 200; n += 7) Assert.True(Equivalence.AreEqual($"3^{{{n}}}", BigInteger.Pow(3, n).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>An expression as LaTeX with its value in floating point, computed on the side.</summary>
    private sealed record Term(string Text, double Value);

    private static Gen<Term> Terms(int depth)
    {
        Gen<Term> leaf = Gen.OneOf(
            Gen.Choose(0, 12).Select(n => new Term($"{n}", n)),
            Gen.Constant(new Term("x", 1.7320912)),
            Gen.Constant(new Term(@"\pi", Math.PI)));
        if (depth == 0) return leaf;
        Gen<(Term A, Term B)> two = Gen.Two(Terms(depth - 1)).Select(pair => (pair.Item1, pair.Item2));
        return Gen.OneOf(
            leaf,
            two.Select(t => new Term($"({t.A.Text} + {t.B.Text})", t.A.Value + t.B.Value)),
            two.Select(t => new Term($"({t.A.Text} - {t.B.Text})", t.A.Value - t.B.Value)),
            two.Select(t => new Term($@"{t.A.Text} \cdot {t.B.Text}", t.A.Value * t.B.Value)),
            two.Select(t => new Term($@"\frac{{{t.A.Text}}}{{{t.B.Text}}}", t.A.Value / t.B.Value)),
            Terms(depth - 1).Select(t => new Term($@"\sqrt{{{t.Text}}}", Math.Sqrt(t.Value))),
            Terms(depth - 1).Select(t => new Term($"({t.Text})^2", t.Value * t.Value)));
    }

    [Fact]
    public void What_is_called_equal_has_the_same_value()
    {
        int equal = 0;
        Check.One(s_config.WithMaxTest(20_000), Prop.ForAll(Gen.Two(Terms(2)).ToArbitrary(), pair =>
        {
            if (!Equivalence.AreEqual(pair.Item1.Text, pair.Item2.Text)) return true;
            (double a, double b) = (pair.Item1.Value, pair.Item2.Value);
            if (!double.IsFinite(a) || !double.IsFinite(b)) return true;
            equal++;
            return Math.Abs(a - b) <= 1e-9 * (1 + Math.Abs(a));
        }));
        Assert.True(equal > 100, $"only {equal} equal pairs were drawn");
    }

    [Fact]
    public void Read_numbers_have_the_value_of_their_expression()
    {
        Check.One(s_config, Prop.ForAll(Terms(3).ToArbitrary(), term =>
        {
            Answer answer = Answer.Parse(term.Text);
            if (answer.Kind != AnswerKind.Number || !double.IsFinite(term.Value)) return true;
            string[] fraction = answer.Canonical.Split('/');
            double value = double.Parse(fraction[0], CultureInfo.InvariantCulture);
            if (fraction.Length == 2) value /= double.Parse(fraction[1], CultureInfo.InvariantCulture);
            return Math.Abs(value - term.Value) <= 1e-9 * (1 + Math.Abs(value));
        }));
    }
}
