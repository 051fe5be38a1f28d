using System.Text;
using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>Writes the steps of a solution and the boxed answer.</summary>
/// <example><c>347+58=405; 405*2=810. \boxed{810}</c></example>
internal static class WorkedSolution
{
    private static readonly string[] s_first = ["", "First ", "We have ", "At the start "];
    private static readonly string[] s_then = ["", "Then ", "Next ", "Now ", "So ", "And ", "After that ", "With this "];
    private static readonly string[] s_equals = ["=", " = ", " is ", " makes ", " gives "];
    private static readonly string[] s_ends = ["; ", ". ", ".\n"];

    /// <summary>The solution as text.</summary>
    /// <param name="start">The number it begins with.</param>
    /// <param name="steps">What is done to it.</param>
    /// <param name="style">How it is written.</param>
    /// <param name="stream">Where <see cref="SolutionStyle.Varied"/> draws its words; the other styles draw nothing.</param>
    internal static string Write(int start, IReadOnlyList<Step> steps, SolutionStyle style, ref KeyedStream stream)
    {
        var text = new StringBuilder();
        int value = start;
        for (int i = 0; i < steps.Count; i++)
        {
            bool isLast = i == steps.Count - 1;
            text.Append(style == SolutionStyle.Varied
                ? Vary(ref stream, value, steps[i], i == 0 ? s_first : s_then, isLast)
                : Equations(value, steps[i], style == SolutionStyle.ByPlace, isAscending: false) + (isLast ? ". " : "; "));
            value = steps[i].Apply(value);
        }

        return text.Append($"\\boxed{{{value}}}").ToString();
    }

    private static string Vary(ref KeyedStream stream, int value, Step step, string[] leads, bool isLast)
    {
        string lead = Pick(ref stream, leads), equals = Pick(ref stream, s_equals), end = isLast ? ". " : Pick(ref stream, s_ends);
        return lead + Equations(value, step, stream.NextInt(2) == 0, stream.NextInt(2) == 0).Replace("=", equals, StringComparison.Ordinal) + end;
    }

    private static string Equations(int value, Step step, bool isByPlace, bool isAscending)
    {
        int result = step.Apply(value);
        List<int> parts = isByPlace ? Places(step.Operation switch { Operation.Multiply => value, Operation.Divide => result, _ => step.Operand }) : [];

        // A single digit other than zero cannot be taken apart.
        if (parts.Count < 2) return $"{value}{step.Sign}{step.Operand}={result}";
        if (isAscending) parts.Reverse();
        return step.Operation is Operation.Add or Operation.Subtract ? Running(value, step, parts) : Products(step, parts, result);
    }

    /// <summary><c>347+50=397, +8=405</c></summary>
    private static string Running(int value, Step step, List<int> parts)
    {
        var text = new StringBuilder().Append(value);
        for (int i = 0; i < parts.Count; i++)
        {
            value = (step with { Operand = parts[i] }).Apply(value);
            text.Append(i > 0 ? ", " : "").Append($"{step.Sign}{parts[i]}={value}");
        }

        return text.ToString();
    }

    /// <summary><c>40*3=120, 7*3=21, 120+21=141</c> and <c>240/6=40, 36/6=6, 40+6=46</c></summary>
    private static string Products(Step step, List<int> parts, int result)
    {
        bool divides = step.Operation == Operation.Divide;
        IEnumerable<string> each = parts.Select(part =>
            $"{(divides ? part * step.Operand : part)}{step.Sign}{step.Operand}={(divides ? part : part * step.Operand)}");
        return $"{string.Join(", ", each)}, {string.Join('+', parts.Select(part => divides ? part : part * step.Operand))}={result}";
    }

    /// <summary>A number as the sum of its places: 305 is 300 and 5.</summary>
    private static List<int> Places(int number)
    {
        var places = new List<int>();
        for (int unit = 1; number > 0; unit *= 10, number /= 10)
        {
            if (number % 10 > 0) places.Insert(0, number % 10 * unit);
        }

        return places;
    }

    private static string Pick(ref KeyedStream stream, string[] words) => words[stream.NextInt(words.Length)];
}
