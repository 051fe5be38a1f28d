using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>
/// Makes problems with worked solutions. A problem is a function of (seed, shifts, index, attempt) and nothing else, so the stream can
/// be read from anywhere.
/// </summary>
/// <param name="seed">Names the stream.</param>
public sealed class ProblemGenerator(ulong seed)
{
    private static readonly ProblemKind[] s_kinds = Enum.GetValues<ProblemKind>();

    /// <summary>A problem with the given shifts.</summary>
    /// <param name="shifts">In which respects it differs from the source distribution.</param>
    /// <param name="index">Place in the stream.</param>
    /// <param name="attempt">Names another problem for the same place, for callers that cannot use the first.</param>
    public Problem Draw(Shifts shifts, ulong index, ulong attempt = 0)
    {
        var stream = new KeyedStream(seed, (ulong)(shifts & Shifts.All), index, attempt);
        ProblemKind kind = s_kinds[stream.NextInt(s_kinds.Length)];
        var style = (SolutionStyle)stream.NextInt(2);
        bool otherWording = shifts.HasFlag(Shifts.Wording);
        if (kind == ProblemKind.Equation)
        {
            (string equation, int right, List<Step> undo) = Equations.Draw(ref stream, shifts);
            return new Problem(kind, shifts, right, undo, style, Wording.Equation(ref stream, otherWording, equation));
        }

        (int start, List<Step> steps) = StepDrawing.Draw(ref stream, shifts);
        string text = kind switch
        {
            ProblemKind.Expression => Wording.Expression(ref stream, otherWording, start, steps),
            ProblemKind.Instructions => Wording.Instructions(otherWording, start, steps),
            _ => Wording.Story(ref stream, otherWording, start, steps),
        };
        return new Problem(kind, shifts, start, steps, style, text);
    }
}
