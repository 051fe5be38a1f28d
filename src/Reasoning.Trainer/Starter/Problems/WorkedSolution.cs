using System.Text;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>Writes the steps of a solution and the boxed answer.</summary>
/// <example><c>347+58=405; 405*2=810. \boxed{810}</c></example>
internal static class WorkedSolution
{
    internal static string Write(int start, IReadOnlyList<Step> steps, SolutionStyle style)
    {
        var text = new StringBuilder();
        int value = start;
        foreach (Step step in steps)
        {
            if (text.Length > 0) text.Append("; ");
            int result = step.Apply(value);
            if (style == SolutionStyle.Direct || !WriteByPlace(text, value, step, result))
                text.Append($"{value}{step.Sign}{step.Operand}={result}");
            value = result;
        }

        return text.Append($". \\boxed{{{value}}}").ToString();
    }

    // False where the number that would be taken apart has a single digit other than zero: there is nothing to take apart.
    private static bool WriteByPlace(StringBuilder text, int value, Step step, int result)
    {
        List<int> parts = Places(step.Operation switch { Operation.Multiply => value, Operation.Divide => result, _ => step.Operand });
        if (parts.Count < 2) return false;
        if (step.Operation is Operation.Add or Operation.Subtract)
            WriteRunning(text, value, step, parts);
        else
            WriteProducts(text, step, parts, result);
        return true;
    }

    /// <summary><c>347+50=397, +8=405</c></summary>
    private static void WriteRunning(StringBuilder text, int value, Step step, List<int> parts)
    {
        text.Append(value);
        for (int i = 0; i < parts.Count; i++)
        {
            value = (step with { Operand = parts[i] }).Apply(value);
            text.Append(i > 0 ? ", " : "").Append($"{step.Sign}{parts[i]}={value}");
        }
    }

    /// <summary><c>40*3=120, 7*3=21, 120+21=141</c> and <c>240/6=40, 36/6=6, 40+6=46</c></summary>
    private static void WriteProducts(StringBuilder text, Step step, List<int> parts, int result)
    {
        bool divides = step.Operation == Operation.Divide;
        foreach (int part in parts)
            text.Append($"{(divides ? part * step.Operand : part)}{step.Sign}{step.Operand}={(divides ? part : part * step.Operand)}, ");
        text.AppendJoin('+', parts.Select(part => divides ? part : part * step.Operand)).Append($"={result}");
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
}
