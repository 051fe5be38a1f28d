namespace Reasoning.Grading;

/// <summary>Where an answer was found, or why there is none.</summary>
public enum ExtractionSource
{
    /// <summary>No box, and no fallback that was asked for applies.</summary>
    None,

    /// <summary>The last box, complete and not blank.</summary>
    Box,

    /// <summary>The last box is not closed; an earlier one never stands in for it.</summary>
    UnclosedBox,

    /// <summary>The last box is blank.</summary>
    EmptyBox,

    /// <summary>Behind the last "answer is" or "answer:" (fallback).</summary>
    Phrase,

    /// <summary>The last math between dollar signs (fallback).</summary>
    LastMath,

    /// <summary>The last number (fallback).</summary>
    LastNumber,
}
