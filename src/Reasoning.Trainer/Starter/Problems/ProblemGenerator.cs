using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>
/// Makes problems with worked solutions. A problem is a function of (seed, cell, index, attempt) and nothing else, so the stream can
/// be read from anywhere.
/// </summary>
/// <param name="seed">Names the stream.</param>
public sealed class ProblemGenerator(ulong seed)
{
    private static readonly int s_kinds = Enum.GetValues<ProblemKind>().Length;

    /// <summary>A problem with the given shifts.</summary>
    /// <inheritdoc cref="Draw(Cell, ulong, ulong)"/>
    /// <param name="shifts">In which respects it differs from the source distribution.</param>
    public Problem Draw(Shifts shifts, ulong index, ulong attempt = 0) => Draw(new Cell(shifts), index, attempt);

    /// <summary>A problem of a cell.</summary>
    /// <param name="cell">What is fixed of it.</param>
    /// <param name="index">Place in the stream.</param>
    /// <param name="attempt">Names another problem for the same place, for callers that cannot use the first.</param>
    public Problem Draw(Cell cell, ulong index, ulong attempt = 0)
    {
        var stream = new KeyedStream(seed, cell.Key, index, attempt);
        var kind = (ProblemKind)stream.NextInt(s_kinds);
        kind = cell.Kind ?? kind;
        var style = (SolutionStyle)stream.NextInt(2);
        style = cell.Style ?? style;
        bool otherWording = cell.Shifts.HasFlag(Shifts.Wording);
        (int start, List<Step> steps, string text) = Put(ref stream, cell, kind, otherWording);
        return new Problem(cell, kind, start, steps, style, text, WorkedSolution.Write(start, steps, style, ref stream));
    }

    private static (int Start, List<Step> Steps, string Text) Put(ref KeyedStream stream, Cell cell, ProblemKind kind, bool otherWording)
    {
        if (kind == ProblemKind.Equation)
        {
            (string equation, int right, List<Step> undo) = Equations.Draw(ref stream, cell);
            return (right, undo, Wording.Equation(ref stream, otherWording, equation));
        }

        (int start, List<Step> steps) = StepDrawing.Draw(ref stream, cell);
        string text = kind switch
        {
            ProblemKind.Expression => Wording.Expression(ref stream, otherWording, start, steps),
            ProblemKind.Instructions => Wording.Instructions(otherWording, start, steps),
            _ => Wording.Story(ref stream, otherWording, start, steps),
        };
        return (start, steps, text);
    }
}
