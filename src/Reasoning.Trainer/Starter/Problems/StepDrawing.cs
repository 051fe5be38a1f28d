using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>Draws the numbers of problems that go forward from a start: expressions, instructions, stories.</summary>
/// <remarks>All numbers reached lie between 1 and 999, and no step leaves the number as it was.</remarks>
internal static class StepDrawing
{
    internal const int Largest = 999;

    internal static (int Start, List<Step> Steps) Draw(ref KeyedStream stream, Cell cell)
    {
        bool isLong = cell.Shifts.HasFlag(Shifts.Operands);
        int count = cell.Operations > 0 ? cell.Operations : cell.Shifts.HasFlag(Shifts.Steps) ? 3 : stream.NextInt(1, 3);
        int start = isLong ? stream.NextInt(40, 500) : stream.NextInt(3, 50);
        var steps = new List<Step>();
        int value = start;
        while (steps.Count < count)
        {
            Step step = DrawStep(ref stream, isLong, value);
            steps.Add(step);
            value = step.Apply(value);
        }

        return (start, steps);
    }

    private static Step DrawStep(ref KeyedStream stream, bool isLong, int value)
    {
        double choice = stream.NextDouble();
        int factor = isLong ? stream.NextInt(2, 6) : stream.NextInt(2, 5);
        if (choice < 0.2 && value * factor <= (isLong ? Largest : 120)) return new Step(Operation.Multiply, factor);

        int operand = !isLong ? stream.NextInt(2, 40) : stream.NextInt(10) < 7 ? stream.NextInt(20, 100) : stream.NextInt(100, 300);
        bool canAdd = value + operand <= Largest;
        bool canSubtract = value > operand;
        bool adds = canAdd && (choice < 0.6 || !canSubtract);
        return new Step(adds ? Operation.Add : Operation.Subtract, operand);
    }
}
