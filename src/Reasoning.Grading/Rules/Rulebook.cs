namespace Reasoning.Grading.Rules;

/// <summary>The rules of grading, in the order in which they apply. Explanations name them, docs/grading.md is made of them.</summary>
internal static class Rulebook
{
    public static Rule Characters { get; } = new("characters",
        "Unicode signs are their LaTeX commands, full-width characters their ASCII ones; Markdown emphasis goes.",
        "−7 ~ -7", "½ ~ 0.5", "2×3 ~ 6", "x² ~ x^2", "４２ ~ 42", "**73** ~ 73", "2**10 ~ 1024");

    public static Rule Layout { get; } = new("layout",
        "Commands of TeX, amsmath and xcolor for space, size, weight, colour and alignment say nothing; lines below each other are items.",
        @"5\,\text{cm}\, ~ 5", @"\displaystyle\text{Evelyn} ~ evelyn", @"\textcolor{red}{\dfrac12} ~ 1/2", @"\left.5\right. ~ 5",
        @"\begin{aligned}x&=1\\y&=2\end{aligned} ~ x=1, y=2", @"\left[\begin{array}{c}1\\[4pt]2\end{array}\right] ~ \begin{pmatrix}1\\2\end{pmatrix}");

    public static Rule Surroundings { get; } = new("surroundings",
        "Math delimiters, quotes, a box, a closing full stop and a lead-in such as \"the answer is\" go, unless the lead-in is negated.",
        @"\boxed{13} ~ 13", @"\text{The answer is } 5 ~ 5", "答案：12。 ~ 12", "=5 ~ 5", "The answer is not 3 ≠ 3");

    public static Rule Choices { get; } = new("choices",
        "A letter A to J in brackets or before a mark is a choice; with text behind it, it equals the letter and equals the text.",
        @"\textbf{(B)}\ 12 ~ B", "B. 12 ~ 12", @"\text{(C)} ~ C", "B. 12 ≠ C", "B. 12 ≠ C. 12", "A ≠ a");

    public static Rule Numbers { get; } = new("numbers",
        "Numbers are exact fractions. Commas and spaces group three digits outside brackets; a whole number before a proper fraction adds to it.",
        "1,234 ~ 1234", @"10,\!080 ~ 10080", "7 3/4 ~ 31/4", "1.2e5 ~ 120000", @"1 \over 2 ~ 0.5", "(1,234) ≠ 1234", "32, 349 ≠ 32349", "1,23 ≠ 123", "12 34 ? 1234");

    public static Rule Repeating { get; } = new("repeating decimals",
        "Digits under a bar or dots, in brackets, or written twice at least before dots repeat for ever.",
        @"0.\overline{27} ~ 3/11", @"0.\bar3 ~ 1/3", @"0.1\dot{6} ~ 1/6", "0.(3) ~ 1/3", @"0.333\ldots ~ 1/3", @"0.5\ldots ? 5/9");

    public static Rule NumberWords { get; } = new("number words",
        "Numbers in words are numbers; words such as dozen, hundred, halves or \"and a half\" behind a number change it.",
        "twenty-one ~ 21", @"5\text{ dozen} ~ 60", @"3\text{ halves} ~ 3/2", "3 and a half ~ 7/2", "three quarters ~ 3/4", "negative three ~ -3",
        @"x\text{ squared} ~ x^2", "five dozen ≠ 5", "one half ≠ 1");

    public static Rule Units { get; } = new("units",
        "A word of a closed list behind a value is its unit. One side may leave it out; two different ones are different, and nothing is converted.",
        "5 cm ~ 5", @"5\text{ cm}^2 ~ 5 square centimeters", "12 km/h ~ 12 kilometers per hour", @"\$18 ~ 18 dollars", @"45^\circ\text{C} ~ 45",
        "12厘米 ~ 12 cm", @"30^\circ ~ \frac{\pi}{6}", "5 m ≠ 500 cm", "5 cm ≠ 5 cm^2", @"\$5 ≠ €5", @"30^\circ ≠ 30\pi");

    public static Rule Percent { get; } = new("percent",
        "A percentage is a hundredth. Against a gold percentage the bare number before the sign is right too.",
        @"28\% ~ 0.28", "28 pct ~ 28 percent", @"28\% ≠ 28");

    public static Rule Bases { get; } = new("bases",
        "A number with a base equals the same digits in the same base, never the value. Against a gold number with a base its digits alone are right too.",
        @"413_{\text{five}} ~ 413_5", "(413)_5 ~ 413_{5}", "101_{10} ~ 101", "101_2 ≠ 5", "101_2 ≠ 101_3");

    public static Rule Chains { get; } = new("chains",
        "Of a computation the result counts; of the same number written twice the exact form.",
        @"\frac25=0.4 ~ 2/5", @"\frac25\ (0.4) ~ 2/5", @"x = 1/3 \approx 0.33 ~ 1/3", "x = 5+5+1 = 11 ~ 11", @"\frac25=0.5 ? 2/5");

    public static Rule Names { get; } = new("names",
        "What names a quantity before an equals sign (a symbol, words, a function value, lengths and angles in capitals) may be missing on one side; two names differ.",
        "x = 5 ~ 5", @"\angle ABC = 60^\circ ~ 60", @"\frac{NO}{BO}=\frac1{\sqrt6} ~ \frac1{\sqrt6}", "P(X>3)=0.2 ~ 1/5", @"\text{Area}=12 ~ 12",
        "x=5 ≠ y=5", "x+1=5 ≠ 5", "a^2+b=0 ≠ 0");

    public static Rule Conditions { get; } = new("conditions",
        "A symbol that ranges over a set is bound: its name does not matter, and the values taken are compared. ℕ starts at 0. One side may leave the condition out.",
        @"2\pi k, k\in\mathbb{Z} ~ 2\pi n (n\in\mathbb{Z})", @"\frac{\pi}{2}+k\pi, k\in\mathbb{Z} ~ -\frac{\pi}{2}+n\pi\text{ where }n\text{ is an integer}",
        @"2^n, n\ge1 ~ 2^{m+1}, m\ge0", @"k\pi, k\in\mathbb{Z} ~ k\pi", @"2\pi k, k\in\mathbb{Z} ≠ 2\pi k, k\in\mathbb{N}", @"2^n, n\ge1 ≠ 2^n, n\ge2");

    public static Rule Words { get; } = new("words",
        "Any other words make a text answer, which equals only the same words, whatever their case, spaces and closing marks.",
        "no  solution ~ No solution.", @"3\text{ or more} ~ 3 or more", @"3\text{ or more} ≠ 3", @"5\text{ does not work} ≠ 5", "Evelyn ≠ Eve");

    public static Rule Algebra { get; } = new("algebra",
        "Expressions with the same normal form (roots split into primes, i² = −1, sin² = 1 − cos²) or the same cross products are equal.",
        @"\sqrt8 ~ 2\sqrt2", "(x+1)^2 ~ x^2+2x+1", @"\frac{x^2-1}{x-1} ~ x+1", @"\log_2 8 ~ 3", @"\sum_{k=1}^{10} k ~ 55", @"\sqrt{x^2} ≠ x", @"3.14 ≠ \pi");

    public static Rule Numeric { get; } = new("numeric agreement",
        "Where function values or nested roots are left, interval arithmetic decides: at least 192 bits, at four points for every symbol.",
        @"\sqrt{3+2\sqrt2} ~ 1+\sqrt2", @"\cos(\pi/5) ~ \frac{1+\sqrt5}{4}", @"\sin 2x ~ 2\sin x\cos x", @"\sqrt{3+2\sqrt2}+10^{-200} ≠ 1+\sqrt2");

    public static Rule Roots { get; } = new("roots",
        "Roots are principal. A root of a quotient is the quotient of the roots, as both are the same real number wherever the quotient is positive.",
        @"\sqrt{\frac1n} ~ \frac{1}{\sqrt n}", @"\sqrt{\frac{x}{y+1}} ~ \frac{\sqrt x}{\sqrt{y+1}}", @"\sqrt{x^2y^2} ≠ xy");

    public static Rule Rounding { get; } = new("rounding",
        "A decimal of ten significant digits or more equals what it differs from by less than one unit of its last place; a shorter one is exact.",
        "0.0833333333333333 ~ 1/12", @"(3.14159265358979, 1) ~ (\pi, 1)", "0.333 ≠ 1/3", "2.0000000001 ≠ 2");

    public static Rule Collections { get; } = new("collections",
        "Sets, and lists without brackets, are unordered and ignore repetition; tuples, points and matrices are ordered, and a list beside one is taken in its order.",
        @"\{1,2\} ~ \{2,1\}", "1 and 2 ~ 2, 1", @"x = \pm 2 ~ -2, 2", "(1,2) ~ 1,2", "(1,2) ≠ 2,1", "(1,2) ≠ (2,1)", @"(1,2) ≠ \{1,2\}", "a=1,b=2 ≠ 2,1", "3:2 ~ 6:4");

    public static Rule Intervals { get; } = new("intervals",
        "Intervals, unions and inequalities in one symbol are sets of real numbers.",
        @"x \in [-2,7] ~ -2 \le x \le 7", @"x \ne 1 ~ (-\infty,1)\cup(1,\infty)", @"[1,2]\cup[2,3] ~ [1,3]", "(1,2) ≠ [1,2]", "x<5 ≠ x>5");

    public static Rule Equations { get; } = new("equations",
        "Equations are equal up to a factor and the side, inequalities up to a positive factor and the direction of reading.",
        @"2x+4y-3=0 ~ y=-\frac{1}{2}x+\frac{3}{4}", @"x \leq 5 ~ 5 \geq x", "xy=1 ≠ yx=2");

    public static Rule Matrices { get; } = new("matrices",
        "Sums, products, powers and transposes of matrices are worked out; one column or row is the tuple of its entries.",
        @"2\begin{pmatrix}1\\2\end{pmatrix}+\begin{pmatrix}1\\1\end{pmatrix} ~ (3,5)", @"\begin{vmatrix}1&2\\3&4\end{vmatrix} ~ -2",
        @"\begin{pmatrix}1&1\\0&1\end{pmatrix}^3 ~ \begin{pmatrix}1&3\\0&1\end{pmatrix}", @"\begin{pmatrix}1\\2\end{pmatrix} ≠ \begin{pmatrix}1&2\end{pmatrix}");

    public static Rule Times { get; } = new("times of day",
        "Hour and minute with or without am and pm; where a side leaves them out, the half of the day does not matter.",
        "3:30 PM ~ 15:30", "3:30 ~ 3:30 p.m.", "7 pm ~ 19:00", "3:30 am ≠ 3:30 pm");

    public static Rule Placeholders { get; } = new("placeholders",
        "What stands in for an answer (no answer, N/A, ?, your answer) is blank: it equals nothing, not even itself.",
        "no answer ? no answer", "N/A ? N/A");

    public static Rule Unread { get; } = new("not read",
        "What is broken, ambiguous or beyond the reader equals only the same text and never votes; nothing is picked out of it.",
        @"\frac{1}{2 ? 2", "(1 ? 1", @"\neq 3 ? 3", "1/2x ? x/2", @"\sqrt12 ? \sqrt{12}", @"\int_0^1 x\,dx ? 1/2");

    public static IReadOnlyList<Rule> All { get; } =
    [
        Characters, Layout, Surroundings, Choices, Numbers, Repeating, NumberWords, Units, Percent, Bases, Chains, Names, Conditions, Words, Algebra,
        Numeric, Roots, Rounding, Collections, Intervals, Equations, Matrices, Times, Placeholders, Unread,
    ];
}
