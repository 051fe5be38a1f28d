using System.Globalization;
using System.Text.RegularExpressions;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Tests.Starter;

/// <summary>Solves problems from their text alone, without the structure that the generator kept.</summary>
internal static partial class ProblemReader
{
    private static readonly string[] s_adding =
        ["Add", "increase", "buys", "finds", "wins", "earns", "get on", "gives her", "brings", "delivers", "receives", "donates", "adds", "fills", "hires", "join"];

    private static readonly string[] s_subtracting =
        ["Subtract", "reduce", "eats", "gives away", "spends", "loses", "get off", "takes", "spoils", "sells", "removes", "uses", "drains", "dismisses", "retire"];

    private static readonly string[] s_multiplying = ["Multiply", "scale", "times"];

    internal static int Solve(Problem problem) => problem.Kind switch
    {
        ProblemKind.Expression => Evaluate(ExpressionText().Match(problem.Text).Value),
        ProblemKind.Equation => SolveEquation(problem.Text),
        _ => Follow(problem.Text),
    };

    /// <summary>Each sentence or clause with a number changes the running total by its verb; the first sets it.</summary>
    private static int Follow(string text)
    {
        int? value = null;
        foreach (string clause in Clauses().Split(text))
        {
            Match number = Number().Match(clause);
            if (!number.Success) continue;
            int n = int.Parse(number.Value, CultureInfo.InvariantCulture);
            if (value is not { } v) value = n;
            else if (Has(clause, s_multiplying)) value = v * n;
            else if (Has(clause, s_subtracting)) value = v - n;
            else if (Has(clause, s_adding)) value = v + n;
            else throw new InvalidOperationException($"no known verb in '{clause}'");
        }

        return value!.Value;
    }

    // The answer is the one whole number that makes the equation true.
    private static int SolveEquation(string text)
    {
        string[] sides = EquationText().Match(text).Value.Split('=');
        int right = int.Parse(sides[1], CultureInfo.InvariantCulture);
        int[] solutions = [.. Enumerable.Range(0, 1000).Where(x => Evaluate(Unknown().Replace(sides[0], $"({x})")) == right)];
        return Assert.Single(solutions);
    }

    internal static int Evaluate(string expression)
    {
        int at = 0;
        string text = expression.Replace(" ", "");
        int result = Sum();
        Assert.Equal(text.Length, at);
        return result;

        int Sum()
        {
            int value = Product();
            while (at < text.Length && text[at] is '+' or '-')
            {
                bool adds = text[at++] == '+';
                int term = Product();
                value = adds ? value + term : value - term;
            }

            return value;
        }

        int Product()
        {
            int value = Factor();
            while (at < text.Length && text[at] is '*' or '/' or '(')
            {
                char sign = text[at] == '(' ? '*' : text[at++];
                int factor = Factor();
                if (sign == '/') Assert.Equal(0, value % factor);
                value = sign == '/' ? value / factor : value * factor;
            }

            return value;
        }

        int Factor()
        {
            if (text[at] == '(')
            {
                at++;
                int inner = Sum();
                Assert.Equal(')', text[at++]);
                return inner;
            }

            int start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
        }
    }

    private static bool Has(string clause, string[] verbs) => verbs.Any(verb => clause.Contains(verb, StringComparison.Ordinal));

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"[.,?]")]
    private static partial Regex Clauses();

    [GeneratedRegex(@"[(\d][-+*() \d]*\d")]
    private static partial Regex ExpressionText();

    [GeneratedRegex(@"[(\dxy][-+*() \dxy]*= \d+")]
    private static partial Regex EquationText();

    [GeneratedRegex("[xy]")]
    private static partial Regex Unknown();
}
