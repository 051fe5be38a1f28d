namespace Reasoning.Grading;

/// <summary>What grading found.</summary>
/// <param name="Extracted">The answer that was graded; null when there is none.</param>
/// <param name="Outcome">How it compares with the gold answer.</param>
public sealed record GradeResult(string? Extracted, Outcome Outcome)
{
    /// <summary>Whether the answer counts as right.</summary>
    public bool IsEqual => Outcome == Outcome.Equal;
}
