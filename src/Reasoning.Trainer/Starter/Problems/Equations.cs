using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>
/// Draws linear equations. Their steps undo what the left side does to the unknown, from the outside in: 3(x + 5) − 4 = 26 starts
/// from 26, adds 4, divides by 3, subtracts 5.
/// </summary>
internal static class Equations
{
    /// <summary>An equation as text, with <c>{0}</c> for the name of the unknown, and the way to its solution.</summary>
    internal static (string Equation, int Start, List<Step> Steps) Draw(ref KeyedStream stream, Cell cell)
    {
        if (cell.Operations == 0) return Draw(ref stream, cell.Shifts);
        (int unknown, List<Step> left) = StepDrawing.Draw(ref stream, cell);
        return Undo(unknown, left);
    }

    // One to three steps, with a bracket wherever there are three.
    private static (string Equation, int Start, List<Step> Steps) Draw(ref KeyedStream stream, Shifts shifts)
    {
        bool isLong = shifts.HasFlag(Shifts.Operands);
        int count = shifts.HasFlag(Shifts.Steps) ? 3 : stream.NextInt(1, 3);
        bool isWide = shifts.HasFlag(Shifts.Factors);
        int unknown = isLong ? stream.NextInt(12, isWide ? 90 : 80) : stream.NextInt(2, 21);
        int factor = isWide ? stream.NextInt(3, 8) : stream.NextInt(2, 6);
        bool product = count == 3 || stream.NextInt(3) == 0;

        // What happens to the unknown, from the inside out.
        List<Step> left = (count, product) switch
        {
            (1, true) => [new Step(Operation.Multiply, factor)],
            (1, false) => [Shift(ref stream, isLong, unknown)],
            (2, false) => [new Step(Operation.Multiply, factor), Shift(ref stream, isLong, unknown * factor)],
            _ => Bracket(ref stream, isLong, unknown, factor, count),
        };
        return Undo(unknown, left);
    }

    private static (string Equation, int Start, List<Step> Steps) Undo(int unknown, List<Step> left)
    {
        int right = left.Aggregate(unknown, (value, step) => step.Apply(value));
        List<Step> steps = [.. left.Select(Inverse).Reverse()];
        return ($"{Left(left)} = {right}", right, steps);
    }

    private static List<Step> Bracket(ref KeyedStream stream, bool isLong, int unknown, int factor, int count)
    {
        Step inner = Shift(ref stream, isLong, unknown);
        int sum = inner.Apply(unknown);
        while (sum * factor > StepDrawing.Largest - 100) factor--;
        List<Step> steps = [inner, new Step(Operation.Multiply, Math.Max(factor, 2))];
        if (count == 3) steps.Add(Shift(ref stream, isLong, sum * factor));
        return steps;
    }

    private static Step Shift(ref KeyedStream stream, bool isLong, int value)
    {
        int operand = isLong ? stream.NextInt(20, 100) : stream.NextInt(2, 40);
        bool adds = stream.NextInt(2) == 0 || value <= operand;
        return new Step(adds ? Operation.Add : Operation.Subtract, operand);
    }

    private static Step Inverse(Step step) => step with
    {
        Operation = step.Operation switch
        {
            Operation.Add => Operation.Subtract,
            Operation.Subtract => Operation.Add,
            Operation.Multiply => Operation.Divide,
            _ => Operation.Multiply,
        },
    };

    private static string Left(List<Step> steps)
    {
        string text = "{0}";
        for (int i = 0; i < steps.Count; i++)
        {
            Step step = steps[i];
            text = step.Operation == Operation.Multiply
                ? $"{step.Operand}{(i > 0 ? $"({text})" : text)}"
                : $"{text} {step.Sign} {step.Operand}";
        }

        return text;
    }
}
