namespace Reasoning.Grading;

/// <summary>The answer found in a response.</summary>
/// <param name="Answer">The text as written, not normalised; null when there is none.</param>
/// <param name="Source">Where it stands, or why it is missing.</param>
/// <param name="Start">Where the answer begins in the text; the length of the text when there is none.</param>
/// <param name="BoxStart">Where the last box begins, command included; the length of the text when there is no box.</param>
/// <param name="Boxes">Number of boxes, complete or not.</param>
public sealed record Extraction(string? Answer, ExtractionSource Source, int Start, int BoxStart, int Boxes)
{
    /// <summary>Where the reasoning before the answer ends: at the last box, else at the answer, else at the end of the text.</summary>
    public int ReasoningEnd => Boxes > 0 ? BoxStart : Start;
}
