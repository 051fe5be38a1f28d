namespace Reasoning.Trainer.Starter.Problems;

/// <summary>A generated problem with the structure it was made from.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Shifts">In which respects it differs from the source distribution.</param>
/// <param name="Start">The number that the solution starts from; for an equation, its right side.</param>
/// <param name="Steps">What leads from <paramref name="Start"/> to the answer.</param>
/// <param name="Style">How <see cref="Solution"/> is written.</param>
/// <param name="Text">The problem as it is put.</param>
public sealed record Problem(ProblemKind Kind, Shifts Shifts, int Start, IReadOnlyList<Step> Steps, SolutionStyle Style, string Text)
{
    /// <summary>The right answer.</summary>
    public int Answer => Steps.Aggregate(Start, (value, step) => step.Apply(value));

    /// <summary>The worked solution, which ends with the boxed answer.</summary>
    public string Solution => WorkedSolution.Write(Start, Steps, Style);
}
