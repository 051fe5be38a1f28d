namespace Reasoning.Grading.Tests;

/// <summary>What is equal to what, by group. The tests run it and docs/grading.md shows it.</summary>
internal static class EquivalenceTable
{
    /// <summary>Groups of lines "a ~ b" (equal), "a ≠ b" (different), "a ? b" (not understood).</summary>
    public static IReadOnlyList<(string Group, string[] Lines)> Groups { get; } =
    [
        ("Numbers", Lines("""
            7,425,000 ~ 7425000
            1,000.99 ~ 1000.99
            1{,}000 ~ 1000
            14 {, }916 ~ 14916
            11,\! 111 ~ 11111
            1\,000\,000 ~ 1e6
            0.50 ~ .5
            1 000 000 ~ 1000000
            12 345 ~ 12{,}345
            12 34 ? 1234
            six ~ 6
            Twenty-one ~ 21
            {10 \choose 3} ~ 120
            \frac{{5 \choose 2}}{2} ~ 5
            -0 ~ 0
            007 ~ 7
            2.5 \times 10^{-3} ~ 0.0025
            1.2e5 ~ 120000
            0.\overline{27} ~ 3/11
            0.1\overline{6} ~ \frac{1}{6}
            ４２ ~ 42
            32, 349 ≠ 32349
            (1,234) ≠ 1234
            1,23 ≠ 123
            0.333 ≠ 1/3
            3.14 ≠ \pi
            \frac{22}{7} ≠ \pi
            99999999999999999999 ≠ 99999999999999999998
            1.5 ≠ 1,5
            """)),
        ("Fractions, mixed numbers", Lines("""
            \frac12 ~ 1/2
            \dfrac{1}{2} ~ \tfrac12
            \cfrac{2}{4} ~ 0.5
            -\frac{1}{2} ~ \frac{-1}{2}
            \frac{1}{-2} ~ -0.5
            1\frac34 ~ 7/4
            7 3/4 ~ 31/4
            -1\frac{1}{2} ~ -1.5
            ½ ~ 0.5
            \frac{\frac12}{3} ~ \frac16
            \frac3{4} ~ 0.75
            \frac{\pi}{2} ~ 0.5\pi
            \frac{2}{3} ≠ \frac{3}{2}
            1/2x ? x/2
            \frac{1}{0} ? \frac{2}{0}
            """)),
        ("Spellings of LaTeX", Lines("""
            $\left( 3, \frac{\pi}{2} \right)$ ~ (3,\pi/2)
            \boxed{13} ~ 13
            \fbox{13} ~ 13
            \text{13} ~ 13
            \mathrm{13} ~ 13
            \mbox{13} ~ 13
            **73** ~ 73
            \displaystyle\frac12 ~ \frac 12
            \(5\) ~ 5
            \[ 5 \] ~ 5
            5. ~ 5
            2\cdot3 ~ 2\times 3
            2 × 3 ~ 6
            −7 ~ -7
            x² ~ x^2
            \sqrt3 ~ \sqrt{3}
            √2 ~ \sqrt{2}
            2**10 ~ 2^{10}
            \sqrt12 ? \sqrt{12}
            """)),
        ("Units, currency, degrees", Lines("""
            5 cm ~ 5
            5\text{ cm} ~ 5 centimeters
            5\mbox{ cm}^2 ~ 5 square centimeters
            90^\circ ~ 90
            90^{\circ} ~ 90 degrees
            \$18.90 ~ 18.90
            $18 ~ 18 dollars
            \$1,000 ~ 1000 dollars
            1.5\text{ m}^3 ~ 1.5
            5\text{ m} ≠ 5\text{ s}
            \frac{\pi}{6} ~ 30^\circ
            270^{\circ} ~ \frac{3\pi}{2}
            30^\circ ≠ \frac{\pi}{3}
            2 \text{ hours } 30 \text{ minutes} ~ 2 hours 30 minutes
            5 feet 6 inches ~ 5\text{ feet }6\text{ inches}
            1 million ~ 1000000
            \$1.5\text{ billion} ~ 1500000000
            0.06 \text{ yuan} ~ 0.06
            \frac{1}{3} \text{meters} ~ 1/3
            10 miles per hour ~ 10
            x^2+a ~ a+x^2
            5 cm ≠ 5 m
            \$5 ≠ €5
            5\text{ cm}^2 ≠ 5\text{ cm}^3
            5 m ≠ 500 cm
            """)),
        ("Percent", Lines("""
            28\% ~ 28 percent
            28% ~ 0.28
            12.5\% ~ \frac18
            50\text{ percent} ~ 1/2
            100\% ~ 1
            28\% ≠ 28
            1/2\% ? 0.5
            """)),
        ("Roots, powers, constants", Lines("""
            \sqrt{8} ~ 2\sqrt2
            \frac{1}{\sqrt2} ~ \frac{\sqrt{2}}{2}
            \frac{1}{1+\sqrt2} ~ \sqrt2-1
            \frac{10\sqrt{10.5}}{27} ~ \frac{5\sqrt{42}}{27}
            \sqrt[3]{-8} ~ -2
            \sqrt[3]{16} ~ 2\sqrt[3]{2}
            16^{3/4} ~ 8
            4^{-1/2} ~ 0.5
            \sqrt{3+2\sqrt2} ~ 1+\sqrt2
            \sqrt[3]{2+\sqrt5}+\sqrt[3]{2-\sqrt5} ~ 1
            \sqrt{\frac{1}{2}} ~ \frac{\sqrt2}{2}
            10^{\frac{-5+\sqrt{13}}{6}} ~ 10^{\frac{\sqrt{13}-5}{6}}
            5! ~ 120
            \binom{10}{3} ~ 120
            \lfloor 3.7 \rfloor ~ 3
            \lceil 3.2 \rceil ~ 4
            |-5| ~ 5
            |1-\sqrt2| ~ \sqrt2-1
            \gcd(12,18) ~ 6
            \sqrt2+\sqrt3 ≠ \sqrt5
            \sqrt{x^2} ≠ x
            2^{100} ≠ 2^{100}+1
            \sqrt{3+2\sqrt2}+10^{-200} ≠ 1+\sqrt2
            \pi^2 ≠ 10
            e^{\pi\sqrt{163}} ≠ 262537412640768744
            """)),
        ("Complex numbers", Lines("""
            i^2 ~ -1
            \sqrt{-9} ~ 3i
            \frac{1}{1+i} ~ \frac{1-i}{2}
            |3+4i| ~ 5
            e^{i\pi} ~ -1
            e^{i\pi/3} ~ \frac12+\frac{\sqrt3}{2}i
            (1+i)^2 ~ 2i
            3+2i ~ 2i+3
            3+2i ≠ 3-2i
            """)),
        ("Logarithms, trigonometry, sums", Lines("""
            \log_2 8 ~ 3
            \log_{2}{5} ~ \frac{\ln 5}{\ln 2}
            \log 100 ~ 2
            \ln 8 ~ 3\ln 2
            \ln(e^3) ~ 3
            e^{\ln 5} ~ 5
            \log_9 27 ~ 1.5
            \sin 30^\circ ~ \frac12
            \cos\frac{\pi}{3} ~ 0.5
            \tan 45° ~ 1
            \tan\frac{\pi}{8} ~ \sqrt2-1
            \cos(\pi/5) ~ \frac{1+\sqrt5}{4}
            \arctan 1 ~ \frac{\pi}{4}
            \arcsin\frac12 ~ \pi/6
            \tan^2(y)+1 ~ \sec^2(y)
            \sin^2 x+\cos^2 x ~ 1
            \sin 2x ~ 2\sin x\cos x
            \cos 2x ~ 1-2\sin^2 x
            \tan x ~ \frac{\sin 2x}{1+\cos 2x}
            \sinh x ~ \frac{e^x-e^{-x}}{2}
            \sum_{k=1}^{10} k ~ 55
            \prod_{k=1}^{5} k ~ 120
            \sum_{k=1}^{3} x^k ~ x+x^2+x^3
            F_n = \sum_{k=0}^{n-1} F_k F_{n-k-1} ~ F_n = \sum_{k=0}^{n-1} F_{n-k-1} F_k
            \sin x ≠ x
            \sin x ≠ \sin y
            \cos(10^{-200}) ≠ 1
            \ln(x+y) ≠ \ln x+\ln y
            \ln x ≠ \log x
            \ln(x^2) ≠ 2\ln x
            \sin^{-1}(x) ? \frac{1}{\sin x}
            \int_0^1 x\,dx ? 1/2
            \frac{5!}{3!2!} ~ 10
            """)),
        ("Algebra", Lines("""
            (x+1)^2 ~ x^2+2x+1
            \frac{x^2-1}{x-1} ~ x+1
            \frac{1}{x}+\frac{1}{y} ~ \frac{x+y}{xy}
            \frac{\pi r}{h+r} ~ \pi r/(r+h)
            2-2p ~ 2(1-p)
            \frac{1}{3\sqrt[3]{x}^2} ~ \frac{1}{3x^{2/3}}
            2^{n+1} ~ 2\cdot 2^n
            4^n ~ 2^{2n}
            x^{n}x ~ x^{n+1}
            \binom{n}{2} ~ \frac{n(n-1)}{2}
            |x-y| ~ |y-x|
            p - q ~ -q + p
            2ab+c ~ c+2ba
            xy ≠ x+y
            (a+5)(b+2) ≠ (+5)(b+2)
            x^2 ≠ x^3
            A ≠ a
            f(x) ≠ f(y)
            x_1 ≠ x_2
            """)),
        ("Equations and names", Lines("""
            x = 5 ~ 5
            k=1 ~ 1
            5 = x ~ x = 5
            |AB|=1 ~ 1
            AB=4, CD=5 ~ 4, 5
            (p,q,r)=(3,2,7) ~ (3,2,7)
            x = 1/3 \approx 0.33 ~ 1/3
            x = 5+5+1 = 11 ~ 11
            1 = \zzz = x = 0 ~ 0
            x \approx 11 ~ 11
            2x+4y-3=0 ~ y=-\frac{1}{2}x+\frac{3}{4}
            34x+45y-20z+100=0 ~ -34x-45y+20z-100=0
            y=\frac1x ~ xy=1
            f(x)=2x ~ 2x
            x=5 ≠ y=5
            x+1=5 ≠ 5
            xy=1 ≠ yx=2
            7 = 11a+c ≠ 11a+c
            a^2 + b = 0 ≠ 0
            \log_2 x=3 ≠ 3
            x^2=4 ≠ x=2
            x=x ? y=y
            """)),
        ("Inequalities and intervals", Lines("""
            x \leq 5 ~ 5 \geq x
            x <= 1 ~ -x >= -1
            2x<10 ~ x<5
            1 < x < 3 ~ 3 > x > 1
            x \in [-2,7] ~ -2 \le x \le 7
            -2 \le x \le 7 ~ [-2,7]
            x>5 ~ (5,\infty)
            x<1 \text{ or } x>3 ~ (-\infty,1)\cup(3,\infty)
            x>1 \text{ and } x<3 ~ (1,3)
            x \ne 1 ~ (-\infty,1)\cup(1,\infty)
            \mathbb{R}\setminus\{1\} ~ x\neq 1
            [1,2]\cup[2,3] ~ [1,3]
            (1,2)\cup\{2\}\cup(2,3) ~ (1,3)
            (2,12) \cup (12,102) ~ x\in (12,102)\cup(2,12)
            (-\infty,\infty) ~ \mathbb{R}
            x<5 ≠ x>5
            x<5 ≠ x\le 5
            x>5 ≠ [5,\infty)
            (1,2)\cup(2,3) ≠ (1,3)
            x\in[-2,7] ≠ -2\le y\le 7
            (0,1) ≠ (0,1.5)
            (1,2) ≠ [1,2]
            1 ≠ [0,1)
            \{x : x > 0\} ~ (0,\infty)
            \{x \in \mathbb{R} \mid 1 \le x < 2\} ~ [1,2)
            k\pi, k\in\mathbb{Z} ~ k\pi
            k\pi, k\in\mathbb{Z} ≠ 2k\pi
            """)),
        ("Sets, lists, tuples", Lines("""
            \{1,2\} ~ \{2,1\}
            \{1,1,2\} ~ \{1,2\}
            1 and 2 ~ 2, 1
            1 \text{ or } 2 ~ \{1,2\}
            -12;-11;-10 ~ \{-12,-11,-10\}
            21,16\text{ or }11 ~ 21,16,11
            \pm 2 ~ \{2,-2\}
            x = \pm 2 ~ x=-2 \text{ or } x=2
            \{1\pm\sqrt5,-2\} ~ \{-2,1-\sqrt5,1+\sqrt5\}
            \emptyset ~ \{\}
            (1,\frac92) ~ (1,4.5)
            (0;0;6) ~ (0,0,6)
            (5,2),(7,2) ~ (7,2),(5,2)
            p=5,q=2;p=7,q=2 ~ (5,2),(7,2)
            (1,3) ~ {1,3}
            3:2 ~ 6:4
            (1,2) ≠ (2,1)
            (1,2) ≠ \{1,2\}
            \{1,2\} ≠ \{1,2,3\}
            19, 46, 82 ≠ 21, 36, 82
            \pm 2021 ≠ 2021
            a=1,b=2 ≠ 2,1
            1:2 ≠ 2:1
            """)),
        ("Matrices", Lines("""
            \begin{pmatrix}1&2\\3&4\end{pmatrix} ~ \begin{bmatrix} 1 & 2 \\ 3 & \frac82 \end{bmatrix}
            \begin{pmatrix}1&0\\0&1\end{pmatrix}\begin{pmatrix}1&2\\3&4\end{pmatrix} ~ \begin{pmatrix}1&2\\3&4\end{pmatrix}
            \frac12\begin{pmatrix}2&4\\6&8\end{pmatrix} ~ \begin{pmatrix}1&2\\3&4\end{pmatrix}
            2\begin{pmatrix}1\\2\end{pmatrix}+\begin{pmatrix}1\\1\end{pmatrix} ~ \begin{pmatrix}3\\5\end{pmatrix}
            -\begin{pmatrix}1\\2\end{pmatrix} ~ \begin{pmatrix}-1\\-2\end{pmatrix}
            \begin{vmatrix}1&2\\3&4\end{vmatrix} ~ -2
            \begin{pmatrix}1&2\\3&4\end{pmatrix} ≠ \begin{pmatrix}1&3\\2&4\end{pmatrix}
            \begin{pmatrix}1\\2\end{pmatrix} ≠ \begin{pmatrix}1&2\end{pmatrix}
            \begin{pmatrix}1\\2\end{pmatrix} ~ (1,2)
            \langle 1, 2\rangle ~ (1,2)
            \begin{pmatrix}1\\2\end{pmatrix} ≠ (2,1)
            \begin{pmatrix}1&2\\3&4\end{pmatrix} ≠ (1,2,3,4)
            """)),
        ("Bases, times, words", Lines("""
            101_2 ~ 101_{2}
            0101_2 ~ 101_2
            101_{10} ~ 101
            12:00 ~ 12:00
            3:30 pm ~ 3:30 p.m.
            3:30 PM ~ 15:30
            3:30 ~ 3:30 pm
            7 pm ~ 19:00
            \text{(C)} ~ C
            (C) ~ C.
            \textbf{(C)} ~ option C
            \text{Evelyn} ~ evelyn
            no  solution ~ No solution.
            \text{The midpoints form a regular hexagon} ~ the midpoints form a regular hexagon.
            101_2 ≠ 5
            101_2 ≠ 101_3
            12:00 ≠ 1:00
            1:10 ≠ 2:20
            3:30 am ≠ 3:30 pm
            C ≠ D
            d ≠ \text{E}
            Evelyn ≠ Eve
            ab ~ a \cdot b
            ab ≠ ac
            no answer ? no answer
            your answer ? your answer
            """)),
    ];

    /// <summary>Every line as (group, a, b, outcome).</summary>
    public static IEnumerable<(string Group, string A, string B, Outcome Outcome)> Rows =>
        from part in Groups
        from line in part.Lines
        let row = Split(line)
        select (part.Group, row.A, row.B, row.Outcome);

    public static (string A, string B, Outcome Outcome) Split(string line)
    {
        foreach ((string sign, Outcome outcome) in new[] { (" ~ ", Outcome.Equal), (" ≠ ", Outcome.Different), (" ? ", Outcome.Unparsed) })
        {
            int at = line.IndexOf(sign, StringComparison.Ordinal);
            if (at >= 0) return (line[..at], line[(at + sign.Length)..], outcome);
        }
        throw new FormatException($"no sign in {line}");
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
