namespace Reasoning.Trainer.Starter.Problems;

/// <summary>A generated problem with the structure it was made from.</summary>
/// <param name="Cell">The cell of the grid that it was drawn from.</param>
/// <param name="Kind">Its form.</param>
/// <param name="Start">The number that the solution starts from; for an equation, its right side.</param>
/// <param name="Steps">What leads from <paramref name="Start"/> to the answer.</param>
/// <param name="Style">How <paramref name="Solution"/> is written.</param>
/// <param name="Text">The problem as it is put.</param>
/// <param name="Solution">The worked solution, which ends with the boxed answer.</param>
public sealed record Problem(Cell Cell, ProblemKind Kind, int Start, IReadOnlyList<Step> Steps, SolutionStyle Style, string Text, string Solution)
{
    /// <summary>The right answer.</summary>
    public int Answer => Steps.Aggregate(Start, (value, step) => step.Apply(value));

    /// <summary>In which respects it differs from the source distribution.</summary>
    public Shifts Shifts => Cell.Shifts;
}
